"""A rejects workbook that comes back: what its sheets say of their rows beside the cells.

`plan/rejects_workbook.py` writes it. The columns of `mending_format.py` are part of no domain: the domain sees the
sheet without them, and the rows keep the workbook, sheet and row that they were rejected from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice

from extract.errors.table import RejectsMixed, SheetNotFound
from extract.table.header.finding import HEADER_ROWS
from extract.table.records.origins import Origin, fits
from extract.table.sheet.mending_format import MARKS, NAMES, Names, counting_columns, own_columns
from extract.workbook.cells import Row, display
from extract.workbook.sheet import Sheet, Workbook

_MOST_ROWS = 2**31


@dataclass(frozen=True)
class Mended:
    """The rows of one sheet of a rejects workbook: by number, where each came from; those without an id are left out.

    They are of one workbook, `data_source` (None where no row has an id). `rejected` is how many rows were written.
    """

    data_source: str | None
    month: date | None
    origins: Mapping[int, Origin]
    rejected: int


@dataclass(frozen=True)
class DomainSheet(Sheet):
    """A sheet as its domain sees it: the cells of the columns `hidden` are empty."""

    hidden: frozenset[int] = frozenset()

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number, as `Sheet.rows`."""
        for number, cells in super().rows():
            for column in self.hidden:
                if column < len(cells):
                    cells[column] = ""
            yield number, cells


def is_rejects_workbook(workbook: Workbook) -> bool:
    """Whether the first sheet bears the mark, for all to see."""
    first = next(iter(workbook.sheets), None)
    return first is not None and first.visible and first.name in MARKS


def sheets_to_mend(workbook: Workbook) -> list[Sheet]:
    """The visible sheets behind the first one. Raises SheetNotFound where there is none."""
    visible = [sheet.name for sheet in workbook.sheets[1:] if sheet.visible]
    if not visible:
        mark = workbook.sheets[0].name
        raise SheetNotFound(file=workbook.file, sheet=f"behind {mark}", sheets=mark)
    return [workbook.read(name) for name in visible]


def rejected_rows(workbook: Workbook) -> dict[str, int]:
    """Sheet to the number of rejected rows that were written into it, as the first sheet tells."""
    rows = [cells for _, cells in workbook.read(workbook.sheets[0].name).rows()]
    columns = counting_columns([display(cell) for cell in rows[0]]) if rows else None
    if columns is None:
        return {}
    title, count = columns
    counts = ((display(row[title]), row[count]) for row in rows[1:])
    return {name: int(count) for name, count in counts if isinstance(count, int | float) and 0 <= count < _MOST_ROWS}


def mended_part(sheet: Sheet, file: str, counts: Mapping[str, int]) -> tuple[DomainSheet, Mended]:
    """A sheet without the columns of the format, and what stood in them; `counts` is what `rejected_rows` gives.

    Raises RejectsMixed where rows of several workbooks stand in it.
    """
    names, columns = _columns(sheet)
    origins: dict[int, Origin] = {}
    for number, cells in sheet.rows():
        texts = {name: display(cells[index]) if index < len(cells) else "" for name, index in columns.items()}
        if origin := _origin(names, texts):
            origins[number] = origin
    books = {(origin.data_source, origin.month, origin.delimiter) for origin in origins.values()}
    if len(books) > 1:
        raise RejectsMixed(file=file, sheet=sheet.name, workbooks=", ".join(sorted({book for book, _, _ in books})))
    data_source, month, delimiter = next(iter(books), (None, None, None))
    hidden = frozenset(columns.values())
    own = {item.name: getattr(sheet, item.name) for item in fields(sheet)}
    seen = DomainSheet(**{**own, "delimiter": delimiter or sheet.delimiter, "hidden": hidden})
    known = len({origin.reject_id for origin in origins.values()})
    return seen, Mended(data_source, month, origins, max(known, counts.get(sheet.name, 0)))


def _columns(sheet: Sheet) -> tuple[Names, Mapping[str, int]]:
    """The columns of the format, and the names that they have there."""
    for _, cells in islice(sheet.rows(), HEADER_ROWS):
        if found := own_columns([display(cell) for cell in cells]):
            return found
    return NAMES["en"], {}


def _origin(names: Names, texts: Mapping[str, str]) -> Origin | None:
    """Where a row came from; None where its id is missing, or is not that of the sheet and row beside it."""
    identity, book, sheet = (texts.get(name, "") for name in (names.reject_id, names.workbook, names.sheet))
    try:
        row = int(texts.get(names.place, ""))
        month = date.fromisoformat(f"{texts[names.month][:7]}-01") if texts.get(names.month) else None
    except ValueError:
        return None
    if not book or not 0 < row < _MOST_ROWS or "\0" in book + sheet or not fits(identity, sheet, row):
        return None
    return Origin(book, sheet, row, identity, month, texts.get(names.delimiter) or None)
