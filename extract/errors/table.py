"""What goes wrong in reading a table: sheets, headers, units, too many rejects."""

from dataclasses import dataclass

from extract.errors.base import DataError, Listing, Whole


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
class RejectsMixed(DataError):
    """A sheet of a rejects workbook holds rows of several workbooks, which may be read under different months."""

    file: str
    sheet: str
    workbooks: Listing

    title = "Rejects mixed"
    template = "{file}, sheet {sheet}: it holds rejected rows of several workbooks ({workbooks})"
    remedy = "mend each row on the sheet that it was written to: move the others back, or mend a fresh rejects.xlsx"


@dataclass(eq=False)
class HeaderNotFound(DataError):
    """No row in the upper part of a sheet is a header of the domain."""

    file: str
    sheet: str
    seen: Listing
    missing: Whole
    nearest: Listing

    title = "Header not found"
    template = "{file}, sheet {sheet}: no header among the first 30 rows ({seen}{nearest}); it needs {missing}"
    remedy = (
        "check that this is the right workbook; --sheet auto looks for the table on all its sheets, --sheet NAME names"
        " one; `aliases` of the configuration adds headers"
    )


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
    remedy = (
        "give the column one of the headers in brackets, add its own to `aliases` of the configuration, or choose"
        " another sheet by --sheet"
    )


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
class UnitConflict(DataError):
    """Two texts around a table state different units for one field."""

    file: str
    sheet: str
    field: str
    first: str
    second: str

    title = "Unit conflict"
    template = "{file}, sheet {sheet}: two units are stated for {field}: {first} and {second}"
    remedy = "take the wrong one out, or write the unit into the header cell, as 规模(万元), which wins over both"


@dataclass(eq=False)
class UnitMisplaced(DataError):
    """A text below the rows states a unit under which they were not read."""

    file: str
    sheet: str
    cell: str
    text: str
    unit: str
    field: str

    title = "Unit misplaced"
    template = "{file}, sheet {sheet}, cell {cell}: {text} states {unit} for {field} below the rows it concerns"
    remedy = "write the unit above the table or into the header cell, or state it by units in the configuration"


@dataclass(eq=False)
class ColumnDoubtful(DataError):
    """A header resembles an accepted one whose column was not found, so a measure may be lost."""

    file: str
    sheet: str
    cell: str
    header: str
    field: str
    accepted: Whole

    title = "Column doubtful"
    template = "{file}, sheet {sheet}, cell {cell}: is {header} the column of {field}, which was not found otherwise?"
    remedy = (
        "if it is, give it one of the headers {accepted} (or an alias in the configuration); if not, rename it,"
        " or load without it by --accept column_doubtful"
    )


@dataclass(eq=False)
class PeriodConflict(DataError):
    """A title names another month than the file name, and no column says which one the rows are of."""

    file: str
    sheet: str
    cell: str
    text: str
    named: str
    period: str

    title = "Period conflict"
    template = (
        "{file}, sheet {sheet}, cell {cell}: {text} names {named}, the file name {period}, and no column tells"
        " which it is"
    )
    remedy = "correct the title or the name of the file, or add a column 报告期"


@dataclass(eq=False)
class UnitUnclear(DataError):
    """Nothing states the unit of a return, many of its figures are large, and the configuration requires units."""

    file: str
    sheet: str
    detail: str

    title = "Unit unclear"
    template = "{file}, sheet {sheet}: {detail}"
    remedy = "state the unit: 收益率(%) as header, 单位：% above the table, or units in the configuration"


@dataclass(eq=False)
class AmbiguousUnit(DataError):
    """A column mixes fractions and percentages, and the configuration requires units."""

    file: str
    sheet: str
    detail: str

    title = "Ambiguous unit"
    template = "{file}, sheet {sheet}: {detail}"
    remedy = "make the figures of the column alike, and state their unit in its header"


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
