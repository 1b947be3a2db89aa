"""The one door through which every text goes that a mender, reviewer or analyst reads: it says it in their language.

A text is one whole message with named gaps; no sentence is put together from parts. `texts/zh.po` holds the
translations; what it lacks appears in English, and a test fails on it.
"""

from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")
CATALOGUES = Path(__file__).parent / "texts"
_CHOSEN: ContextVar[str] = ContextVar("language", default="en")


def say(message: str, /, **gaps: object) -> str:
    """A message with its gaps filled; a gap that is a number says in the message how it is written, as {rows:,}."""
    chosen = _CHOSEN.get()
    if chosen != "en":
        message = _catalogue(chosen).get(message, message)
    return message.format(**gaps) if gaps else message


def use_language(name: str) -> None:
    """Say everything in a language from here on, one of LANGUAGES."""
    _CHOSEN.set(name)


def language() -> str:
    """The language that texts are said in."""
    return _CHOSEN.get()


@cache
def _catalogue(name: str) -> dict[str, str]:
    """English to another language. Babel is imported here, so that who reads English does not wait for it."""
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{name}.po").open("rb") as lines:
        return {str(entry.id): str(entry.string) for entry in read_po(lines) if entry.id and entry.string}
