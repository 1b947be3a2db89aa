"""Every error a user can meet: one class per kind, with what happened, where, and what to do next. This is their base.

`title` names the kind, `template` is filled from the fields of the instance, `remedy` is the next step. The class
decides the exit code, the same for every command.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import partial
from typing import Annotated, Any, ClassVar, get_args

from extract.foreign import LIMIT, shown
from extract.wording import Sentence


class ExitCode(IntEnum):
    """Exit codes of every command (docs/operations.md)."""

    OK = 0
    DATA = 1
    USAGE = 2
    DATABASE = 3
    LOCKED = 4
    PROJECT = 5
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True)
class Showing:
    """How much of a field a message shows, and whether its line breaks stay; controls are escaped in any case."""

    limit: int | None = LIMIT
    lines: bool = False


Whole = Annotated[str, Showing(limit=None)]
"""A field of an error that we compose, or that is to be typed again (a path, a statement): it is never cut."""
Lines = Annotated[str, Showing(limit=None, lines=True)]
"""A field that we compose and that may have several lines."""
Listing = Annotated[str, Showing(limit=1000)]
"""Foreign values one after the other, each of them made showable where they are put together.

A field of type `str` is one foreign value: at most 200 characters of it are shown.
"""


@dataclass(eq=False)
class WorkDataHubError(Exception):
    """Base of all errors that are meant for the user.

    Fields hold what was found, as it is; `message` and `next_step` show them as their types say (Whole, Lines,
    Listing).
    """

    exit_code: ClassVar[ExitCode]
    title: ClassVar[str]
    template: ClassVar[str]
    remedy: ClassVar[str]

    @classmethod
    def code(cls) -> str:
        """The kind in snake case, as plan.json and the JSON log name it."""
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__).lstrip("_")

    @property
    def message(self) -> Sentence:
        """What happened, with file, cell and value: English, and `again` says it to a reader."""
        return Sentence(self.template, **self._shown())

    @property
    def next_step(self) -> Sentence:
        """What to do about it, likewise."""
        return Sentence(self.remedy, **self._shown())

    def _shown(self) -> dict[str, Any]:
        showing = _showing(type(self))
        return {
            name: _made_showable(value, showing[name]) if name in showing else value
            for name, value in vars(self).items()
        }

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields, so that errors can come back from worker processes."""
        return partial(type(self), **vars(self)), ()


class DataError(WorkDataHubError):
    """The data failed: exit code 1."""

    exit_code = ExitCode.DATA


class UsageError(WorkDataHubError):
    """The command line or the configuration is wrong: exit code 2."""

    exit_code = ExitCode.USAGE


class DatabaseError(WorkDataHubError):
    """The database cannot be reached, or refuses: exit code 3."""

    exit_code = ExitCode.DATABASE


def _showing(kind: type[WorkDataHubError]) -> dict[str, Showing]:
    """How the texts among the fields of a kind are shown."""
    declared = {field.name: get_args(field.type) or (field.type,) for field in fields(kind)}
    return {
        name: next((mark for mark in marks if isinstance(mark, Showing)), Showing())
        for name, (base, *marks) in declared.items()
        if base is str
    }


def _made_showable(text: str, showing: Showing) -> str:
    """A text of an error as its message shows it; of a sentence of ours, the texts in its gaps."""
    show = partial(shown, limit=showing.limit, lines=showing.lines)
    return text.with_gaps(show) if isinstance(text, Sentence) else show(text)
