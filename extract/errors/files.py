"""What goes wrong in finding workbooks."""

from dataclasses import dataclass

from extract.errors.base import DataError, UsageError, Whole


@dataclass(eq=False)
class DataDirectoryMissing(UsageError):
    """The data directory does not exist."""

    path: Whole

    title = "Data directory missing"
    template = "the data directory {path} does not exist"
    remedy = "name an existing directory by --data-dir or WDH_DATA_BASE_DIR"


@dataclass(eq=False)
class FileMissing(UsageError):
    """A workbook named by --file does not exist."""

    path: Whole

    title = "File missing"
    template = "there is no file {path}"
    remedy = "check the path given to --file; a directory of workbooks is named by --data-dir"


@dataclass(eq=False)
class FileGivenTwice(UsageError):
    """The same workbook is named twice by --file."""

    path: Whole

    title = "File given twice"
    template = "{path} is named twice by --file"
    remedy = "name each workbook once"


@dataclass(eq=False)
class PathUnusable(UsageError):
    """A path that was given is not valid text, or cannot be looked up: it is too long, or a folder is closed to us."""

    path: Whole
    problem: str

    title = "Path unusable"
    template = "{path} cannot be used: {problem}"
    remedy = "rename it or what it lies in, or name another path"


@dataclass(eq=False)
class NoFilesFound(DataError):
    """Discovery found no workbook of the domain."""

    directory: Whole
    example: Whole
    seen: int
    passed_over: Whole

    title = "No files found"
    template = "no file under {directory} is one to read ({seen} seen{passed_over}); a name that is taken: {example}"
    remedy = "put the workbooks there, name another directory by --data-dir, or a workbook by --file"


@dataclass(eq=False)
class VersionsAmbiguous(DataError):
    """Several files hold the same period, and nothing tells which one counts."""

    period: str
    files: Whole

    title = "Versions ambiguous"
    template = "{files} hold {period}, and nothing tells which one counts"
    remedy = (
        "mark the later one by _V2 or a folder V2, name one by --file, or use --on-ambiguous newest|oldest|first|all"
    )


@dataclass(eq=False)
class PeriodAmbiguous(DataError):
    """The name of a workbook holds several months, or a range of them, so that none is the period of the file."""

    file: str
    months: Whole

    title = "Period ambiguous"
    template = "the name of {file} holds more than one month: {months}"
    remedy = "name the month that the file is of by --period, or rename the file so that its name holds only that one"
