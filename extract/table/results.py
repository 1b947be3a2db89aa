"""What reading one workbook gives: records as CSV bytes, rejects, and counts. All of it can cross processes."""

from dataclasses import dataclass, field
from datetime import date, datetime

from extract.errors.base import DataError
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
class RejectedRow:
    """A rejected row as it stands in the sheet: shown values by header, its cells, and the rules that it breaks."""

    source_row: int
    row: dict[str, str]
    cells: tuple[Cell, ...]
    rejects: tuple[Reject, ...]
    header: tuple[str, ...] = ()
    """The header of its table in one row, by column of the sheet."""


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

    def with_one_more(self, cell: str, shown: int) -> "Remark":
        """The same with one row more; `cell` is kept as long as there are fewer than `shown`."""
        return Remark(self.code, self.rows + 1, (*self.first, cell) if len(self.first) < shown else self.first)


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
    header: tuple[str, ...] = ()
    """The header in one row, by column of the sheet."""
    period_from_name: bool = False
    months: dict[str, int] = field(default_factory=dict)
    """The months of the rows that are loaded (YYYY-MM), with their numbers."""
    remarks: tuple[Remark, ...] = ()
    rules: str = ""
    """What decided how it was read: `Domain.rules_version`, and the sheet asked for by --sheet."""

    @property
    def skipped(self) -> int:
        """Rows left out for any reason."""
        return sum(self.rows_skipped.values())


@dataclass(frozen=True)
class FileResult:
    """All that reading one sheet of a workbook gives. `records` are CSV lines in UTF-8 without a header line."""

    report: FileReport
    records: bytes
    keys: tuple[str, ...]
    rejected: tuple[RejectedRow, ...] = ()
    failure: DataError | None = field(default=None)
