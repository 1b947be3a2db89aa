"""What a sheet hides, strikes out, sets aside or may show otherwise, though it is read all the same.

Rule: rules.md, Where people state things elsewhere (`columns_hidden`, `rows_hidden`, `row_marked`, `struck_out`,
`shown_otherwise`).
"""

from collections.abc import Iterable, Iterator

from extract.foreign import shown
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.wording import Sentence, counted
from extract.workbook.cells import address, column_letter

_SHOWN = 3


def shown_warnings(done: SheetExtraction) -> Iterator[FileWarning]:
    """Warnings about what is read of a sheet and shown to nobody, or not as it is read."""
    yield from _hidden_measures(done)
    yield from _doubtful_rows(done)
    yield from _conditional_formats(done)


def _hidden_measures(done: SheetExtraction) -> Iterator[FileWarning]:
    """Columns of measures that are read although the sheet hides them."""
    spans = done.sheet.marks.hidden_columns
    if hidden := sorted(index for index in _measured(done) if any(first <= index <= last for first, last in spans)):
        detail = Sentence(
            "columns {columns} are hidden and read all the same: see that they are those that count",
            columns=_listed(map(column_letter, hidden)),
        )
        yield FileWarning("columns_hidden", detail)


def _doubtful_rows(done: SheetExtraction) -> Iterator[FileWarning]:
    """Rows that are loaded although the sheet hides them, a remark sets them aside, or cells of them are struck out."""
    marks = done.sheet.marks
    loaded = {number for number, line in zip(done.line_rows, done.lines, strict=True) if line}
    if hidden := sorted(marks.hidden & loaded):
        detail = Sentence(
            "rows {rows} are hidden and loaded all the same: delete those that do not count",
            rows=_listed(map(str, hidden)),
        )
        yield FileWarning("rows_hidden", detail)
    read = _measured(done)
    cells = [address(row, column) for row in sorted(loaded & marks.unseen.keys()) for column in marks.unseen[row]
             if column in read]  # fmt: skip
    if cells:
        detail = Sentence(
            "{cells} are in the colour of their background and loaded all the same: see that they count",
            cells=_listed(cells),
        )
        yield FileWarning("cells_unseen", detail)
    marked = [text for table in done.tables for text in table.unread.remarks.marked.values()]
    if marked:
        detail = Sentence(
            "{cells}: such rows are loaded all the same: delete what does not count",
            cells=_listed(f"{text.place} {shown(text.text)}" for text in marked),
        )
        yield FileWarning("row_marked", detail)
    struck = [address(row, column) for row in sorted(loaded & marks.struck.keys()) for column in marks.struck[row]]
    if struck:
        detail = Sentence(
            "{cells} are struck out and loaded all the same: delete what does not count", cells=_listed(struck)
        )
        yield FileWarning("struck_out", detail)


def _conditional_formats(done: SheetExtraction) -> Iterator[FileWarning]:
    """Cells that a condition may show in a number format that says something."""
    for cells, code in done.sheet.marks.conditional.items():
        detail = Sentence(
            "a condition may show {cells} in the number format {code}, which is not applied: see that the figures are "
            "what they show",
            cells=shown(cells),
            code=shown(code),
        )
        yield FileWarning("shown_otherwise", detail)


def _measured(done: SheetExtraction) -> set[int]:
    """The columns of measures of all tables."""
    sources = [table.header.first_column for table in done.tables]
    return {columns[name].index for columns in sources for name in done.reading.domain.measures if name in columns}


def _listed(items: Iterable[str]) -> str:
    """The first of some items, and how many more there are."""
    return counted(list(items), _SHOWN)
