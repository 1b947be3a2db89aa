"""What sheets that are not read say about those that are: a unit among notes, rows that go on without a header."""

from collections.abc import Iterator, Sequence
from itertools import islice

from extract.errors.base import DataError
from extract.foreign import shown
from extract.table.header.comments import said_place
from extract.table.header.finding import HEADER_ROWS, HeaderFinder, Rows
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.table.statements.names import normal_header
from extract.table.statements.spans import STATING_A_SPAN
from extract.table.statements.units import UnitReader, titles_of
from extract.table.warnings.units import states_otherwise
from extract.wording import Sentence
from extract.workbook.cells import is_blank
from extract.workbook.sheet import Workbook

_MOST_OTHERS, _MOST_ROWS = 50, 200


def other_sheet_warnings(
    workbook: Workbook, done: Sequence[SheetExtraction], finder: HeaderFinder
) -> Iterator[FileWarning]:
    """Warnings about other visible sheets without a table of their own, and about units that only some sheets state."""
    first, tables = done[0], [table for one in done for table in one.tables]
    units = UnitReader(first.reading.names, workbook.file, first.sheet.name)
    read = {one.sheet.name for one in done}
    for name in [sheet.name for sheet in workbook.sheets if sheet.visible and sheet.name not in read][:_MOST_OTHERS]:
        try:
            sheet = workbook.read(name)
            rows = list(islice(sheet.rows(), _MOST_ROWS))
            if finder.score(rows[:HEADER_ROWS], sheet.sorted_merges):
                continue  # a table of its own, which another warning names
        except DataError:
            continue
        for text in titles_of(rows):
            if STATING_A_SPAN.search(normal_header(text.text)):
                detail = Sentence(
                    "sheet {sheet}, {place} ({text}) names a span of time: see that the figures are those of the month",
                    sheet=shown(name),
                    place=said_place(text.place),
                    text=shown(text.text),
                )
                yield FileWarning("other_span", detail)
            if units.passes_over(text.text) or states_otherwise(units, text.text, tables):
                detail = Sentence(
                    "sheet {sheet}, {place} ({text}) states a unit that was not applied",
                    sheet=shown(name),
                    place=said_place(text.place),
                    text=shown(text.text),
                )
                yield FileWarning("unit_not_read", detail)
        if number := _goes_on(first, rows):
            detail = Sentence(
                "sheet {sheet} holds rows without a header, from row {row} on: none of them was read",
                sheet=shown(name),
                row=number,
            )
            yield FileWarning("sheets_not_read", detail)
    yield from _units_of_some(done)


def _goes_on(first: SheetExtraction, rows: Rows) -> int | None:
    """The first row that looks like one of data under the columns of the first sheet; None where there is none."""
    screen = first.tables[0].screen
    for number, cells in rows:
        wide = [*cells, *[""] * (len(first.tables[0].header.names) - len(cells))]
        codes = all(not is_blank(wide[index]) for index in screen.code_columns)
        figures = [wide[index] for index in screen.figure_columns]
        if codes and any(isinstance(cell, float) for cell in figures) and not screen.is_summary(wide):
            return number
    return None


def _units_of_some(done: Sequence[SheetExtraction]) -> Iterator[FileWarning]:
    """Units that a text around one sheet states and nothing on another one does."""
    if len(done) == 1:
        return
    domain = done[0].reading.domain
    for field in domain.cell_fields:
        if field.name in dict(domain.units):
            continue
        stating = [one for one in done if one.tables[0].header.powers.get(field.name)]
        headers = {one.sheet.name: one.tables[0].header for one in done}
        silent = [name for name, header in headers.items()
                  if field.name in header.sources and field.name not in header.powers]  # fmt: skip
        if stating and silent:
            detail = Sentence(
                "sheet {stating} states a unit of {field}, sheet {silent} none: see which unit its figures are in, and "
                "state it there",
                stating=shown(stating[0].sheet.name),
                field=field.name,
                silent=shown(silent[0]),
            )
            yield FileWarning("unit_unclear", detail)
