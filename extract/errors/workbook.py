"""What goes wrong in opening a workbook."""

from dataclasses import dataclass

from extract.errors.base import DataError, ExitCode, Lines, WorkDataHubError


@dataclass(eq=False)
class WorkbookUnreadable(DataError):
    """A file cannot be read as a workbook."""

    file: str
    problem: str

    title = "Workbook unreadable"
    template = "{file} cannot be read as a workbook: {problem}"
    remedy = "open it in Excel, save it as .xlsx, and run again"


@dataclass(eq=False)
class WorkbookChanged(DataError):
    """A file was written while it was read, so its bytes may be half old, half new."""

    file: str

    title = "Workbook changed"
    template = "{file} changed while it was read, and was not used"
    remedy = "close it, or wait until it is copied, and run again"


@dataclass(eq=False)
class NotAWorkbook(DataError):
    """A file is something else than a workbook or a CSV file, whatever its name says."""

    file: str
    what: str

    title = "Not a workbook"
    template = "{file} is {what}"
    remedy = "ask for the workbook itself, or open this file in Excel and save it as .xlsx"


@dataclass(eq=False)
class WorkbookProtected(DataError):
    """A workbook needs a password that was not given, or that does not open it."""

    file: str
    problem: str

    title = "Workbook protected"
    template = "{file} cannot be opened: {problem}"
    remedy = (
        "set WDH_WORKBOOK_PASSWORD or the passwords file of the configuration, or save the workbook without a password"
    )


@dataclass(eq=False)
class WorkbookTooLarge(DataError):
    """A workbook is beyond one of the limits of the configuration."""

    file: str
    problem: str
    key: str
    limit: int

    title = "Workbook too large"
    template = "{file} was not read: {problem}, and limits.{key} is {limit}"
    remedy = (
        "delete what does not belong in it (often one stray cell far away), or raise limits.{key} if you trust the file"
    )


@dataclass(eq=False)
class ReaderCrashed(DataError):
    """A worker process died while it read a workbook."""

    file: str
    problem: str

    title = "Reader crashed"
    template = "the process that read {file} died: {problem}"
    remedy = "open the workbook in Excel, save it as .xlsx, and run again; limits in the configuration can be raised"


@dataclass(eq=False)
class ReaderFailed(WorkDataHubError):
    """A bug in WorkDataHub kept a workbook from being read; the others were read all the same."""

    exit_code = ExitCode.BUG

    file: str
    problem: str
    frames: Lines

    title = "Reader failed"
    template = "{file} was not read, by a bug in WorkDataHub ({problem})"
    remedy = "please report it with these lines, and read the other workbooks without this one:\n{frames}"
