"""The one door through which every text goes that a mender, reviewer or analyst reads: it says it in their language.

A text is one whole message with named gaps; no sentence is put together from parts. `texts/zh.po` holds the
translations; what it lacks appears in English, and a test fails on it.
"""

import locale
import re
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from typing import Any, Self

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "texts"
COLUMN = "column"
"""The context of the catalogue in which columns of marts have their headings."""
CLICK = "click"
"""The context of what click says: its help and its usage errors."""
_NAMED: ContextVar[str | None] = ContextVar("named language", default=None)
_COMMAND = re.compile(r"python run\.py(?: server [a-z]+| repair [a-z]+| [a-z][a-z-]*)?(?![\w-])(?![^`\n]*--language)")
"""A command of ours up to where its options may stand; one that names a language already is none."""
_CHOSEN: ContextVar[str] = ContextVar("language", default="en")


def say(message: str, /, **gaps: object) -> str:
    """A message with its gaps filled; a gap that is a number says in the message how it is written, as {rows:,}."""
    chosen = _CHOSEN.get()
    if chosen != "en":
        message = _catalogue(chosen).get(message, message)
    return typed_again(message.format(**gaps) if gaps else message)


def typed_again(text: str) -> str:
    """A text whose commands name the language that this run was given by an option, so that the next one speaks it."""
    named = _NAMED.get()
    return _COMMAND.sub(rf"\g<0> --language {named}", text) if named and "run.py" in text else text


def heading(column: str) -> str:
    """A column as the head of a table names it to a reader; in English it is its name."""
    return column if language() == "en" else _catalogue(language(), COLUMN).get(column, column)


def of_click(message: str) -> str:
    """A message of click with its gaps as they are; as click has it where the catalogue does not know it."""
    return message if language() == "en" else _catalogue(language(), CLICK).get(message, message)


class Sentence(str):
    """A sentence of ours within another text, as the problem that an error names: English, and `again` translates it.

    It is made where the language of the reader does not matter yet, and where logs and JSON take the same text.
    """

    _message: str
    _gaps: dict[str, object]

    def __new__(cls, message: str, /, **gaps: object) -> Self:
        sentence = super().__new__(cls, message.format(**gaps) if gaps else message)
        sentence._message, sentence._gaps = message, gaps
        return sentence

    @classmethod
    def joined(cls, separator: str, parts: Iterable[str]) -> Self:
        """Sentences, and other texts, one after the other."""
        gaps: dict[str, object] = {f"part{number}": part for number, part in enumerate(parts)}
        return cls(separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in gaps), **gaps)

    def said(self) -> str:
        """The sentence in the language of the reader, with those in its gaps."""
        return say(self._message, **{name: again(value) for name, value in self._gaps.items()})

    def with_gaps(self, change: Callable[[str], str]) -> Self:
        """The same sentence with the texts in its gaps changed, also in those of sentences within it."""
        gaps = {
            name: value.with_gaps(change) if isinstance(value, Sentence) else change(value)
            for name, value in self._gaps.items()
            if isinstance(value, str)
        }
        return type(self)(self._message, **(self._gaps | gaps))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with its gaps, so that it comes back from worker processes as it is."""
        return partial(type(self), self._message, **self._gaps), ()


def counted(places: Sequence[str], shown: int, count: int | None = None) -> str:
    """Some cells, the first of them by name: A1, A2 and 3 more. `places` may be the first of `count`."""
    told = ", ".join(places[:shown])
    more = (len(places) if count is None else count) - shown
    return Sentence("{names} and {more} more", names=told, more=more) if more > 0 else told


def again(value: Any) -> Any:
    """A sentence in the language of the reader; anything else as it is, but for commands, as `typed_again`."""
    if isinstance(value, Sentence):
        return value.said()
    return typed_again(value) if isinstance(value, str) else value


def use_language(name: str, *, by_option: bool = False) -> None:
    """Say everything in a language from here on, one of LANGUAGES. One that an option named stands in commands too."""
    _CHOSEN.set(name)
    _NAMED.set(name if by_option else None)


def language() -> str:
    """The language that texts are said in."""
    return _CHOSEN.get()


def language_of_locale() -> str:
    """The language among LANGUAGES that the locale of this process asks for, else en."""
    name = (locale.getlocale(locale.LC_CTYPE)[0] or "").lower()  # on Windows Chinese (Simplified)_China
    return "zh" if name.startswith(("zh", "chinese")) else "en"


def _catalogue(name: str, context: str | None = None) -> dict[str, str]:
    """English to another language, of one context."""
    return _catalogues(name).get(context, {})


@cache
def _catalogues(name: str) -> dict[str | None, dict[str, str]]:
    """The same of every context. Babel is imported here: who reads English need not wait for it."""
    from babel.messages.pofile import read_po

    found: dict[str | None, dict[str, str]] = {}
    with (CATALOGUES / f"{name}.po").open("rb") as lines:
        for entry in read_po(lines):
            if entry.id and entry.string:
                found.setdefault(entry.context, {})[str(entry.id)] = str(entry.string)
    return found
