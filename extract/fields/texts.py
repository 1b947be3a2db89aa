"""The text types: names kept as they are printed, and words of which a few are declared. Rule: rules.md, Texts.

Codes: `missing`, `invalid_text`, `invalid_choice`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal
from unicodedata import category

from pydantic_core import PydanticCustomError

from extract.fields.base import (
    LONGEST_VALUE,
    CellType,
    FileContext,
    Input,
    Problem,
    ReadInfo,
    broken,
    compared,
    is_too_long,
    told,
    uncalculated,
)
from extract.fields.codes import digits_of
from extract.fields.marks import is_mark, is_null_by_mark
from extract.workbook.cells import Cell, ErrorCell, UncalculatedCell, is_blank, printed

FOOTNOTES = r"\s*(?:[*＊※†‡§¹²³⁰⁴-⁹]|\((?:[*†‡§¹²³⁰⁴-⁹]+)\))+$"
"""Marks of footnotes behind a text: signs and raised digits. Plain digits and brackets are part of a name."""
_MISSING = frozenset(("", "-", "--", "—", "——", "n/a", "#n/a"))
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
"""Categories of characters that show nothing, or not the same everywhere."""


@dataclass(frozen=True)
class Text(CellType):
    """A text of at most `max_length` characters, kept as printed: NFKC, one blank for white space. Gives str.

    What the pattern `footnotes` finds is taken off before NFKC makes digits of raised ones; None takes off nothing.
    `pattern` must match what is left as a whole. `aliases` maps other spellings to the one that is kept, in any case of
    letters; `case` is that of what is kept.
    """

    max_length: int
    headers: tuple[str, ...] = ()
    pattern: str | None = None
    footnotes: str | None = FOOTNOTES
    aliases: Mapping[str, str] = field(default_factory=dict, hash=False)
    case: Literal["kept", "upper", "lower"] = "kept"
    nullable: bool = False

    holds_names = True

    def __post_init__(self) -> None:
        """Refuse a pattern that is no regular expression, by re.error."""
        for pattern in (self.pattern, self.footnotes):
            re.compile(pattern or "")

    @property
    def sql_type(self) -> str:  # type: ignore[override]  # as in fields.Code
        """SQL type of the column."""
        return f"varchar({self.max_length})"

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> str | None:
        """The text of one cell."""
        if self.nullable and is_null_by_mark(value, info):
            return None
        return self._kept(value)

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell holds such a text, or a mark that there is none."""
        return accepted(lambda: self._kept(cell)) or (self.nullable and is_mark(cell, context.words))

    def _kept(self, cell: Cell) -> str | None:
        text = text_of(cell)
        if self.footnotes:
            text = self._footnotes.sub("", text.strip())
        text = printed(text)
        text = self._spellings.get(compared(text), text)
        text = text.upper() if self.case == "upper" else text.lower() if self.case == "lower" else text
        if text.lower() in _MISSING:
            if self.nullable:
                return None
            raise broken(Problem("missing", "a text is required here"))
        if odd := next((letter for letter in text if category(letter) in _UNSEEN), None):
            raise invalid_text(cell, f"holds U+{ord(odd):04X}, which shows nothing")
        if len(text) > self.max_length:
            raise invalid_text(cell, f"has {len(text)} characters, {self.max_length} are the most")
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise invalid_text(cell, f"does not match the pattern {self.pattern}")
        return text

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {compared(other): kept for other, kept in self.aliases.items()}

    @cached_property
    def _footnotes(self) -> re.Pattern[str]:
        return re.compile(self.footnotes or "")


@dataclass(frozen=True)
class Choice(CellType):
    """One of the declared values: `choices` maps each to its other spellings. Gives str.

    Spellings are compared after NFKC, without white space, in any case of letters.
    """

    choices: Mapping[str, tuple[str, ...]] = field(hash=False)
    headers: tuple[str, ...] = ()
    nullable: bool = False

    holds_names = True

    @property
    def sql_type(self) -> str:  # type: ignore[override]  # as in fields.Code
        """SQL type of the column: as long as the longest value."""
        return f"varchar({max(map(len, self.choices))})"

    def inputs(self, name: str) -> tuple[Input, ...]:
        """One column."""
        return (Input(name, self.headers),)

    def read(self, value: Cell, info: ReadInfo) -> str | None:
        """The declared value that the cell spells."""
        if self.nullable and is_null_by_mark(value, info):
            return None
        return self._chosen(value)

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Whether the cell spells a declared value, or holds a mark that there is none."""
        return accepted(lambda: self._chosen(cell)) or (self.nullable and is_mark(cell, context.words))

    def _chosen(self, cell: Cell) -> str | None:
        text = compared(text_of(cell))
        if text in self._spellings:
            return self._spellings[text]
        if text in _MISSING:
            if self.nullable:
                return None
            raise broken(Problem("missing", f"one of {', '.join(self.choices)} is required here"))
        raise broken(Problem("invalid_choice", f"{told(cell)} is none of {', '.join(self.choices)}"))

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {compared(text): value for value, others in self.choices.items() for text in (value, *others)}


def text_of(cell: Cell) -> str:
    """The text of a cell, of a whole number its digits. Raises the problem of a cell that holds no text."""
    if isinstance(cell, UncalculatedCell):
        raise broken(uncalculated(cell))
    if isinstance(cell, ErrorCell) and compared(cell) not in _MISSING:
        raise invalid_text(cell, cell.what)
    if is_too_long(cell) and not is_blank(cell):
        raise invalid_text(cell, f"has more than {LONGEST_VALUE} characters")
    if isinstance(cell, bool) or not isinstance(cell, str | float | int):
        raise invalid_text(cell, "is no text: format the cell as text and type it")
    if isinstance(cell, str):
        return cell
    return digits_of(cell, "invalid_text")


def accepted(reading: Callable[[], object]) -> bool:
    """Whether a reading gives a value, or says that there is none."""
    try:
        reading()
    except PydanticCustomError as error:
        problems = (error.context or {}).get("problems", ())
        return all(problem.code == "missing" for problem in problems)
    return True


def invalid_text(cell: Cell, what: str) -> PydanticCustomError:
    """The problem of a cell that is no such text."""
    return broken(Problem("invalid_text", f"{told(cell)} {what}"))
