"""What goes wrong in finding workbooks."""

from dataclasses import dataclass

from extract.errors.base import DataError, UsageError


@dataclass(eq=False)
class DataDirectoryMissing(UsageError):
    """The data directory does not exist."""

    path: str

    title = "Data directory missing"
    template = "the data directory {path} does not exist"
    remedy = "name an existing directory by --data-dir or WDH_DATA_BASE_DIR"


@dataclass(eq=False)
class FileMissing(UsageError):
    """A workbook named by --file does not exist."""

    path: str

    title = "File missing"
    template = "there is no file {path}"
    remedy = "check the path given to --file; a directory of workbooks is named by --data-dir"


@dataclass(eq=False)
class FileGivenTwice(UsageError):
    """The same workbook is named twice by --file."""

    path: str

    title = "File given twice"
    template = "{path} is named twice by --file"
    remedy = "name each workbook once"


@dataclass(eq=False)
class NoFilesFound(DataError):
    """Discovery found no workbook of the domain."""

    directory: str
    pattern: str
    seen: int
    passed_over: str

    title = "No files found"
    template = "no file under {directory} is one to read ({seen} seen{passed_over}); a name must match {pattern}"
    remedy = "put the workbooks there, name another directory by --data-dir, or a workbook by --file"


@dataclass(eq=False)
class VersionsAmbiguous(DataError):
    """Two files hold the same period, and nothing tells which one counts."""

    period: str
    first: str
    second: str

    title = "Versions ambiguous"
    template = "{first} and {second} both hold {period}, and nothing tells which one counts"
    remedy = (
        "mark the later one by _V2 or a folder V2, name one by --file, or use --on-ambiguous newest|oldest|first|all"
    )
