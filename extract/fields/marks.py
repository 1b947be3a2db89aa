"""Marks: texts such as `*`, `<20` or `N.A.` that stand where a figure is kept back, and the reason beside the null.

Rule: rules.md, Marks. `marks` and `nulls` of the configuration declare them; none is guessed.
"""

from dataclasses import dataclass

from extract.fields.base import (
    CellType,
    FileContext,
    Input,
    Problem,
    ReadInfo,
    Words,
    broken,
    compared,
    is_too_long,
    told,
)
from extract.workbook.cells import Cell, UncalculatedCell


@dataclass(frozen=True)
class MarkOf(CellType):
    """Why the measure `reads` is null: the reason that `marks` gives for the text in its cell; null where it has none.

    Its name is that of the measure with `_mark` behind it.
    """

    reads: str

    sql_type = "text"
    nullable = True

    def inputs(self, name: str) -> tuple[Input, ...]:  # noqa: ARG002  # the signature of the base class
        """None: it reads the cells of the measure."""
        return ()

    def read(self, value: Cell, info: ReadInfo) -> str | None:
        """The declared reason, or None."""
        words: Words = info.context.words
        return words.marks[compared(str(value))] if is_mark(value, words) else None

    def accepts(self, cell: Cell, part: int, context: FileContext) -> bool:  # noqa: ARG002  # the signature of the base class
        """Any cell: whether it is a figure is for the measure to say."""
        return True


def is_mark(cell: Cell, words: Words) -> bool:
    """Whether a cell holds a declared mark or a declared text for null."""
    return (
        isinstance(cell, str)
        and bool(words.marks)
        and not isinstance(cell, UncalculatedCell)
        and not is_too_long(cell)
        and compared(cell) in words.marks
    )


def is_null_by_mark(cell: Cell, info: ReadInfo) -> bool:
    """Whether a measure is null because its cell holds a mark. Raises where the reason has no place to be kept."""
    words: Words = info.context.words
    if not is_mark(cell, words):
        return False
    if words.marks[compared(str(cell))] is not None and info.field_name not in words.kept:
        reason = f"{told(cell)} is a mark, and the model has no {info.field_name}_mark that keeps it"
        raise broken(Problem("mark_not_kept", reason))
    return True
