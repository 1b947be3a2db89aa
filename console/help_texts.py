"""What `--help` and a wrong command line say in Chinese: the help of all commands, and the messages of click itself.

click has gettext in it but for a compiled catalogue that it finds by the locale; what it says is taken from our own.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

import click
from click import core, decorators, exceptions, formatting, parser, types

from extract.wording import of_click, say, use_language

_NAMES = ("number_type", "param_type")
"""Gaps of click's messages that it fills with words of its own."""
_CLOSING = "])>\u3001\u3002\uff01\uff09\uff0c\uff1a\uff1b\uff1f"
"""Signs that never begin a line."""
_WIDE = r"\u2e80-\u9fff\uff00-\uffef"
_UNIT = re.compile(rf"\s+|[{_WIDE}]|[^\s{_WIDE}]+")
"""What a line may end behind: blanks, each Chinese sign, all else up to one of them."""


def use_help_of(language: str, main: click.Command) -> None:
    """Let a command, all below it and click itself say everything in a language other than English."""
    use_language(language)
    _translate(main)
    own: dict[str, Callable[..., str]] = {"_": _message, "ngettext": _plural, "wrap_text": wrapped}
    for module in (core, decorators, exceptions, formatting, parser, types):
        for name in own.keys() & vars(module).keys():
            setattr(module, name, own[name])


def help_texts(command: click.Command) -> Iterator[str]:
    """Every text that the help of a command and of those below it shows, by paragraphs."""
    for text in (command.help, command.short_help, *(getattr(item, "help", None) for item in command.params)):
        yield from paragraphs(text or "")
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        yield from help_texts(below)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a help text, each on one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", inspect.cleandoc(text)) if part.strip()]


def _translate(command: click.Command) -> None:
    command.help = _said(command.help)
    command.short_help = _said(command.short_help)
    for item in command.params:
        if isinstance(item, click.Option):
            item.help = _said(item.help)
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        _translate(below)


def _said(text: str | None) -> str | None:
    return "\n\n".join(map(say, paragraphs(text))) if text else text


class _Message(str):
    """A message of click whose gaps are its own words too, such as the name of a type."""

    def format(self, *values: object, **gaps: object) -> str:
        said = {name: of_click(str(gap)) if name in _NAMES else gap for name, gap in gaps.items()}
        return super().format(*values, **said)


def _message(message: str) -> str:
    return _Message(of_click(message))


def _plural(one: str, many: str, count: int) -> str:
    return _Message(of_click(one if count == 1 else many))


def wrapped(
    text: str,
    width: int = 78,
    initial_indent: str = "",
    subsequent_indent: str = "",
    preserve_paragraphs: bool = False,
) -> str:
    """A text in lines of so many columns, of which a Chinese sign takes two; else as `click.wrap_text`."""
    parts = re.split(r"\n\s*\n", text) if preserve_paragraphs else [text]
    return "\n\n".join("\n".join(_lines(part, width, initial_indent, subsequent_indent)) for part in parts)


def _lines(text: str, width: int, first: str, others: str) -> Iterator[str]:
    line, empty = first, True
    for unit in _UNIT.findall(text.strip()):
        unit = " " if unit.isspace() else unit
        if not empty and _columns(line + unit.rstrip()) > width and unit[0] not in _CLOSING:
            yield line.rstrip()
            line, empty = others, True
        if not (empty and unit == " "):
            line, empty = line + unit, False
    yield line.rstrip()


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
