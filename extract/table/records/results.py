"""What reading one workbook gives: records as CSV bytes, rejects, and counts. All of it can cross processes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from extract.errors.base import DataError
from extract.table.records.origins import Origin
from extract.workbook.cells import Cell


@dataclass(frozen=True)
class Reject:
    """One broken rule of one row. `column` is the header as the sheet spells it, `cell` its address in Excel."""

    data_source: str
    source_sheet: str
    source_row: int
    column: str
    cell: str
    value: str
    code: str
    reason: str


@dataclass(frozen=True)
class RowConflict:
    """Why a row is rejected for its key, and the fields in which it differs from others, with what those have."""

    key: str
    reason: str
    others: Mapping[str, str]


@dataclass(frozen=True)
class Conflict:
    """What a row whose key stands elsewhere with other values has to do with those rows.

    `key` is the same for all of them. `others` holds the columns (from 0) in which it differs from another one, each
    with what stands there.
    """

    key: str
    others: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class RejectedRow:
    """A rejected row as it stands in the sheet: shown values by header, its cells, and the rules that it breaks.

    `source_row` is its row in the file that was read; a mended row has its `origin` in another one. `header` is that of
    its table in one row, by column of the sheet; `lacking` are columns that the sheet lacks, header and value, where
    the file name gives them.
    """

    source_row: int
    row: dict[str, str]
    cells: tuple[Cell, ...]
    rejects: tuple[Reject, ...]
    origin: Origin
    header: tuple[str, ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()
    conflict: Conflict | None = None


@dataclass(frozen=True)
class FileWarning:
    """A remark on a whole file, for people to settle."""

    code: str
    detail: str


@dataclass(frozen=True)
class Remark:
    """A warning kept with rows that are loaded: how many rows bear it, and the first cells."""

    code: str
    rows: int = 0
    first: tuple[str, ...] = ()

    def with_more(self, rows: int, first: Iterable[str] = ()) -> "Remark":
        """The same with so many rows more, and more of the first cells."""
        return Remark(self.code, self.rows + rows, (*self.first, *first))


@dataclass(frozen=True)
class FileReport:
    """The account of one sheet of a workbook. rows_read = rows_loaded + rows_rejected + the sum of rows_skipped."""

    data_source: str
    path: str
    period: date | None
    sha256: str
    size: int
    modified_at: datetime
    sheet: str
    header_row: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: dict[str, int]
    notes: tuple[str, ...] = ()
    warnings: tuple[FileWarning, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    title_rows: tuple[str, ...] = ()
    period_from_name: bool = False
    months: dict[str, int] = field(default_factory=dict)
    """The months of the rows that are loaded (YYYY-MM), with their numbers."""
    remarks: tuple[Remark, ...] = ()
    rules: str = ""
    """What decided how it was read: `Domain.rules_version`, and the sheet asked for by --sheet."""
    mends: str | None = None
    """The workbook whose rejects it brings back; None for a sheet that brings none back."""
    mended: tuple[str, ...] = ()
    """The ids of the rejects that are settled by its rows: loaded, or the same as a row that is."""
    sheet_rows: int | None = None
    """Rows of a sheet with a layout, in which one row may give several records, which are what is loaded."""
    records_rejected: int | None = None
    """Records of such a sheet that are rejected; `rows_rejected` are the rows that hold them."""

    @property
    def skipped(self) -> int:
        """Rows left out for any reason."""
        return sum(self.rows_skipped.values())


@dataclass(frozen=True)
class FileResult:
    """All that reading one sheet of a workbook gives. `records` are CSV lines in UTF-8 without a header line."""

    report: FileReport
    records: bytes
    rejected: tuple[RejectedRow, ...] = ()
    failure: DataError | None = field(default=None)
    odd_codes: bool = False
    """Whether a code of the key holds anything but ASCII, so that it may look like another one."""
