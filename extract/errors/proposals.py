"""What goes wrong in proposing a domain from a workbook."""

from dataclasses import dataclass

from extract.errors.base import DataError, UsageError, Whole


@dataclass(eq=False)
class DomainNameUnusable(UsageError):
    """The name of a new domain is none that a module and a table can have, or is taken."""

    name: str
    problem: Whole

    title = "Domain name unusable"
    template = "{name} cannot be the name of a new domain: {problem}"
    remedy = "choose a name of small letters, digits and _, such as fund_returns"


@dataclass(eq=False)
class DomainFileExists(UsageError):
    """A file that a new domain would be written to is there already; nothing was written."""

    path: Whole

    title = "Domain file exists"
    template = "{path} exists already, so nothing was written"
    remedy = "choose another name, move that file away, or see by --dry-run what would stand in it"


@dataclass(eq=False)
class NothingToPropose(DataError):
    """A sheet holds no table that a domain could be proposed from."""

    file: str
    sheet: str
    problem: Whole

    title = "Nothing to propose"
    template = "{file}, sheet {sheet}: {problem}"
    remedy = "name another sheet by --sheet, or a workbook with a header and rows below it by --from"
