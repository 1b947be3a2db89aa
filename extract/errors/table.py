"""What goes wrong in reading a table: sheets, headers, units, too many rejects."""

from dataclasses import dataclass

from extract.errors.base import DataError, Listing


@dataclass(eq=False)
class SheetNotFound(DataError):
    """The workbook has no sheet of that name or index."""

    file: str
    sheet: str
    sheets: Listing

    title = "Sheet not found"
    template = "{file} has no sheet {sheet}"
    remedy = "name one of its sheets by --sheet: {sheets}"


@dataclass(eq=False)
class SheetAmbiguous(DataError):
    """With sheet: auto, two sheets fit equally well."""

    file: str
    first: str
    second: str

    title = "Sheet ambiguous"
    template = "{file}: the sheets {first} and {second} fit equally well"
    remedy = "name one of them by --sheet"


@dataclass(eq=False)
class HeaderNotFound(DataError):
    """No row in the upper part of a sheet is a header of the domain."""

    file: str
    sheet: str
    seen: Listing

    title = "Header not found"
    template = "{file}, sheet {sheet}: no header among the first 30 rows ({seen})"
    remedy = "check that this is the right workbook and sheet (--sheet); docs/rules.md lists the accepted headers"


@dataclass(eq=False)
class ColumnMissing(DataError):
    """A key column is not in the header."""

    file: str
    sheet: str
    header_row: int
    missing: Listing
    found: Listing

    title = "Column missing"
    template = "{file}, sheet {sheet}, header in row {header_row}: no column for {missing}. Found: {found}"
    remedy = "give the column one of its accepted headers (docs/rules.md), or choose another sheet by --sheet"


@dataclass(eq=False)
class ColumnAmbiguous(DataError):
    """Two headers mean the same field."""

    file: str
    sheet: str
    field: str
    first: str
    second: str

    title = "Column ambiguous"
    template = "{file}, sheet {sheet}: {first} and {second} are both headers of {field}"
    remedy = "remove or rename one of the two columns"


@dataclass(eq=False)
class UnknownUnit(DataError):
    """A header bears a bracket that is no unit of its field."""

    file: str
    sheet: str
    cell: str
    header: str
    unit: str
    accepted: Listing

    title = "Unknown unit"
    template = "{file}, sheet {sheet}, cell {cell}: the header {header} bears {unit}, which is no unit of that field"
    remedy = "convert the column to one of {accepted} and correct the header"


@dataclass(eq=False)
class TooManyRejects(DataError):
    """More rows of a file are rejected than max_reject_ratio allows."""

    file: str
    rejected: int
    rows: int
    limit: float

    title = "Too many rejects"
    template = "{file}: {rejected} of {rows} rows are rejected, more than max_reject_ratio {limit:g} allows"
    remedy = "see rejects.csv for the cells to mend"
