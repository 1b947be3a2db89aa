"""What the page is made of: elements, figures as exact text, tables. Every text that others wrote is escaped here."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath

from markupsafe import Markup, escape

from extract.foreign import shown
from extract.wording import say

NOTHING = Markup('<span class="none">–</span>')
"""What stands for a null."""


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """An HTML or SVG element. Texts are escaped, Markup is not; `class_` and `data_filter` give class, data-filter."""
    given = Markup("").join(
        Markup(' {}="{}"').format(Markup(key.rstrip("_").replace("_", "-")), value)
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, joined(content))


def joined(content: Iterable[object]) -> Markup:
    """Parts one after the other, each escaped that is not Markup."""
    return Markup("").join(map(escape, content))


def text(value: object) -> Markup:
    """A foreign text: on one line, cut where it is long, set apart from what surrounds it whichever way it runs."""
    return NOTHING if value is None or value == "" else element("bdi", shown(str(value)))


def code(value: object) -> Markup:
    """What is typed, or names something in the database or the program."""
    return NOTHING if value is None or value == "" else element("code", shown(str(value), None))


def count(value: object) -> Markup:
    """A whole number."""
    return NOTHING if value is None else escape(f"{int(str(value)):,}")


def amount(value: object) -> Markup:
    """A decimal number with every digit that the mart has."""
    return NOTHING if value is None else escape(f"{Decimal(str(value)):,f}")


def share(value: object) -> Markup:
    """A share of 1 as per cent, with every digit that the mart has: 0.012340 is 1.2340%."""
    return NOTHING if value is None else escape(f"{Decimal(str(value)).scaleb(2):f}%")


def coverage(value: object) -> Markup:
    """A share of 1 as per cent without zeros at its end: 1.000000 is 100%."""
    return NOTHING if value is None else escape(f"{Decimal(str(value)).scaleb(2).normalize():f}%")


def month(value: object) -> Markup:
    """A month as 2024-11."""
    return element("time", f"{value:%Y-%m}") if isinstance(value, date) else NOTHING


def day(value: object) -> Markup:
    """A date."""
    return element("time", f"{value:%Y-%m-%d}") if isinstance(value, date) else NOTHING


def moment(value: object) -> Markup:
    """A time where this is read, with its zone."""
    return element("time", f"{value.astimezone():%Y-%m-%d %H:%M %Z}") if isinstance(value, datetime) else NOTHING


def file_name(value: object) -> Markup:
    """The last part of a path, of whichever system."""
    return text(PurePosixPath(str(value or "").replace("\\", "/")).name)


@dataclass(frozen=True)
class Column:
    """A column of a table: its title, and how a value of it is written. `number` stands at the right, sorts as one."""

    title: str
    write: Callable[[object], Markup] = text
    number: bool = False


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], name: str, tints: Sequence[str] = ()) -> Markup:
    """A table that the script of the page can sort, and filter from a dozen rows on; `tints` are classes of rows."""
    head = joined(element("th", column.title, class_="n" if column.number else None, scope="col") for column in columns)
    body = Markup("\n").join(
        element("tr", joined(map(_cell, columns, row)), class_=(tints[number] or None) if tints else None)
        for number, row in enumerate(rows)
    )
    made = element("table", element("thead", element("tr", head)), element("tbody", body), id=name)
    return element("div", made, class_="scroll")


def _cell(column: Column, value: object) -> Markup:
    return element("td", column.write(value), class_="n" if column.number else None)


def chip(kind: str, words: str) -> Markup:
    """A state: `kind` (good, warn, bad, calm) colours it, and its sign tells it without colour."""
    signs = {"good": "✓", "warn": "!", "bad": "✗", "calm": "·"}
    return element("span", signs[kind], " ", words, class_=f"chip {kind}")


def note(words: str, kind: str = "calm") -> Markup:
    """A sentence beside the figures."""
    return element("p", words, class_=f"note {kind}")


def folded(title: str, *content: object) -> Markup:
    """What is open on demand only, and not printed while it is closed."""
    return element("details", element("summary", title), *content)


def typed_as(words: str, command: str) -> Markup:
    """What a command is for, and the command."""
    return element("p", words, " ", code(command), class_="from")


def left_out(more: int) -> Markup:
    """That rows did not fit; nothing where none were left out."""
    return note(say("{more:,} more rows are not shown here", more=more), "warn") if more else Markup("")
