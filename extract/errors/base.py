"""Every error a user can meet: one class per kind, with what happened, where, and what to do next. This is their base.

`title` names the kind, `template` is filled from the fields of the instance, `remedy` is the next step. The class
decides the exit code, the same for every command.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Any, ClassVar


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


@dataclass(eq=False)
class WorkDataHubError(Exception):
    """Base of all errors that are meant for the user."""

    exit_code: ClassVar[ExitCode]
    title: ClassVar[str]
    template: ClassVar[str]
    remedy: ClassVar[str]

    @classmethod
    def code(cls) -> str:
        """The kind in snake case, as plan.json and the JSON log name it."""
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__).lstrip("_")

    @property
    def message(self) -> str:
        """What happened, with file, cell and value."""
        return self.template.format(**vars(self))

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return self.remedy.format(**vars(self))

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
