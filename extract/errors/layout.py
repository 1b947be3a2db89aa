"""What goes wrong in a published table whose layout a model declares."""

from dataclasses import dataclass

from extract.errors.base import DataError, Listing, Whole


@dataclass(eq=False)
class LayoutNotFound(DataError):
    """No rows of a sheet are the header that the layout of the domain declares."""

    file: str
    sheet: str
    where: Whole
    problem: Whole

    title = "Layout not found"
    template = "{file}, sheet {sheet}: no header of the declared layout {where}: {problem}"
    remedy = "check that this is the right sheet; where the publisher has changed it, change the layout of the model"


@dataclass(eq=False)
class ValueNotFound(DataError):
    """A field has no value, in none of the places that the model declares."""

    file: str
    sheet: str
    field: str
    looked: Whole

    title = "Value not found"
    template = "{file}, sheet {sheet}: no {field} was found {looked}"
    remedy = "correct the cell or the name, or declare in the model where it stands"


@dataclass(eq=False)
class ValuesDiffer(DataError):
    """Two places of one field hold different values."""

    file: str
    sheet: str
    field: str
    first: Listing
    second: Listing

    title = "Values differ"
    template = "{file}, sheet {sheet}: two values of {field}: {first}, but {second}"
    remedy = "correct the wrong one; where one of them is no such value, take its place out of the model"


@dataclass(eq=False)
class ValueUnreadable(DataError):
    """What stands where a whole table takes a value from is no such value."""

    file: str
    sheet: str
    field: str
    cell: str
    text: str
    reason: Whole

    title = "Value unreadable"
    template = "{file}, sheet {sheet}, {cell}: {text} is no {field}: {reason}"
    remedy = "correct it, or declare in the model how it is written"


@dataclass(eq=False)
class UnitNotFound(DataError):
    """A measure has declared unit words, and none of them stands where one may stand."""

    file: str
    sheet: str
    field: str
    cell: str
    words: Listing
    looked: Whole

    title = "Unit not found"
    template = "{file}, sheet {sheet}, cell {cell}: no unit of {field} ({words}) was found {looked}"
    remedy = "see in which unit the figures are, and declare its words in unit_powers of the field"


@dataclass(eq=False)
class RequiredColumnMissing(DataError):
    """A measure that is declared as required has no column."""

    file: str
    sheet: str
    header_row: int
    field: str
    headers: Listing

    title = "Required column missing"
    template = "{file}, sheet {sheet}, header in row {header_row}: no column of {field} ({headers}), which is required"
    remedy = "where the publisher has renamed it, give the field its new header, or an alias in the configuration"


@dataclass(eq=False)
class RejectsNotRead(DataError):
    """A rejects workbook of a domain with a layout: rows without what stands around them cannot be read again."""

    file: str
    domain: str

    title = "Rejects not read"
    template = "{file}: rejects of {domain} cannot be loaded from a rejects workbook, since its tables have a layout"
    remedy = "correct the cells in the workbook itself, and load it again"
