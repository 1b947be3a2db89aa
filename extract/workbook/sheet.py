"""A workbook and its sheets, as whatever reader gives them: rows with their Excel row numbers.

What a reader shows as empty (Excel errors, formulas that nobody calculated) is put right here, so that a position is
always the one that Excel shows and nothing wrong looks like an empty cell, and what merged ranges cover like a value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from extract.errors.workbook import WorkbookUnreadable
from extract.foreign import shown
from extract.workbook.cells import (
    Cell,
    CoveredCell,
    FormattedNumber,
    Merge,
    Merges,
    Row,
    SheetMarks,
    UncalculatedCell,
    address,
    display,
    is_blank,
    sorted_merges,
)


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read. `rows()` can be called again for a second look.

    `merges` is empty where there are none or the format does not tell. `delimiter` is that of a CSV file. `rows` raises
    WorkbookUnreadable, which names `file`, where a cell holds two values.
    """

    name: str
    source: Callable[[], Iterator[Row]]
    first_column: int = 0
    merges: tuple[Merge, ...] = ()
    marks: SheetMarks = field(default_factory=SheetMarks)
    delimiter: str | None = None
    file: str = ""

    @cached_property
    def sorted_merges(self) -> Merges:
        """The merged ranges by where they begin."""
        return sorted_merges(self.merges)

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number as Excel shows it (from 1); cell 0 is column A, "" is empty."""
        if self.first_column or self.marks.patches or self.marks.formats or self.marks.texts:
            rows = self._mended_rows()
        else:
            rows = enumerate(self.source(), start=1)
        return self._with_covered(rows) if self.merges else rows

    def _with_covered(self, rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
        """The same where the cells that a merged range covers are marked as such, unless they repeat what it shows."""
        waiting = sorted(self.merges, reverse=True)
        current: list[tuple[Merge, Cell]] = []
        while waiting or current:
            number, cells = next(rows, (0, []))
            if not number:
                return
            current = [(merge, seen) for merge, seen in current if merge[1][0] >= number]
            while waiting and waiting[-1][0][0] <= number:
                merge = waiting.pop()
                current.append((merge, cells[merge[0][1]] if merge[0][1] < len(cells) else ""))
            for ((_, left), (_, right)), seen in current:
                for column in range(left, min(right + 1, len(cells))):
                    cell = cells[column]
                    if cell not in ("", seen) and not is_blank(cell):
                        cells[column] = CoveredCell(display(cell))
            yield number, cells
        yield from rows

    def _mended_rows(self) -> Iterator[tuple[int, Row]]:
        """The same where cells are missing at the left, or shown as what they are not."""
        padding: Row = [""] * self.first_column
        patches, number = self.marks.patches, 0
        patched_width = max((max(columns) + 1 for columns in patches.values()), default=0)
        row: Row = []
        for number, cells in enumerate(self.source(), start=1):
            row = padding + cells if padding else cells
            if len(row) < patched_width:  # a column of nothing but such cells lies beyond what calamine shows
                row = row + [""] * (patched_width - len(row))
            for column, formats in self.marks.formats.items():
                if number in formats and column < len(row):
                    cell = row[column]
                    if isinstance(cell, int | float) and not isinstance(cell, bool):
                        row[column] = FormattedNumber(cell, formats[number])
                    elif type(cell) is str and cell:
                        row[column] = formats[number].shown_text(cell)
            for column, text in self.marks.texts.get(number, {}).items():
                row[column] = text
            for column, cell in patches.get(number, {}).items():
                if row[column] != "" and (row[column] or not isinstance(cell, UncalculatedCell)):
                    problem = (
                        f"its cell {address(number, column)} holds {shown(str(row[column]))} and {shown(str(cell))}"
                    )
                    raise WorkbookUnreadable(file=self.file, problem=problem)
                row[column] = cell
            yield number, row
        width = max(len(row), patched_width)
        for later in range(number + 1, max(patches, default=0) + 1):
            row = [""] * width  # calamine takes a row of only such cells for empty
            for column, cell in patches.get(later, {}).items():
                row[column] = cell
            yield later, row


@dataclass(frozen=True)
class SheetName:
    """A sheet of a workbook before it is read."""

    name: str
    visible: bool


@dataclass(frozen=True)
class Workbook:
    """An opened workbook. `note` is a remark on how it was read."""

    file: str
    sheets: tuple[SheetName, ...]
    read: Callable[[str], Sheet]
    note: str | None = None
