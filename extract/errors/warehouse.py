"""What setup, status, reset and report refuse or fail with."""

from dataclasses import dataclass

from extract.errors.base import DatabaseError, DataError, ExitCode, Lines, UsageError, Whole, WorkDataHubError


@dataclass(eq=False)
class TargetProtected(UsageError):
    """What would be removed belongs to a target that is marked as protected."""

    target: Whole

    title = "Target protected"
    template = "{target} is protected (vars.protected_targets of dbt_project.yml); nothing was changed"
    remedy = "if you mean it, add --allow-protected"


@dataclass(eq=False)
class VersionUnsupported(UsageError):
    """A program that is needed is missing, or has a version that does not work."""

    program: str
    found: Whole
    needed: Whole

    title = "Version unsupported"
    template = "{program} is {found}, needed is {needed}"
    remedy = "in the virtual environment of the project: python -m pip install -c constraints.txt -e ."


@dataclass(eq=False)
class RunUnknown(UsageError):
    """`report` names a run of which there is no record."""

    wanted: Whole
    known: Whole

    title = "Run unknown"
    template = "there is {wanted} in .wdh/runs"
    remedy = "the last runs are: {known}; `python run.py setup` makes one"


@dataclass(eq=False)
class SeedsInvalid(DataError):
    """Files of seeds that would not load, or not as they are written. Nothing was changed."""

    problems: Lines

    title = "Seeds invalid"
    template = "{problems}"
    remedy = "mend the files and run again; nothing was changed"


@dataclass(eq=False)
class SeedColumnsDiffer(DataError):
    """The table of a seed has other columns than its file: dbt would fail, or leave a column without values."""

    differences: Lines
    statements: Whole

    title = "Seed columns differ"
    template = "{differences}; nothing was changed"
    remedy = "run: {statements} Or let `python run.py setup --reset` make all tables anew"


@dataclass(eq=False)
class DependentsExist(DataError):
    """Views or foreign keys that are not ours depend on what would be dropped or replaced."""

    dependents: Lines

    title = "Dependents exist"
    template = "not ours, and they would be dropped with what they depend on: {dependents}; nothing was changed"
    remedy = "drop them yourself, or add --cascade to let them go"


@dataclass(eq=False)
class SetupFailed(DataError):
    """Models or tests failed, could not run, or relations are missing afterwards."""

    failed: Lines
    run: str

    title = "Setup failed"
    template = "{failed}"
    remedy = "see `python run.py report {run}`, mend the cause, and run `python run.py setup` again"


@dataclass(eq=False)
class WarningsFound(DataError):
    """There were warnings, and --warnings-as-errors was given."""

    warnings: Lines
    run: str

    title = "Warnings found"
    template = "warnings count as errors here: {warnings}"
    remedy = "see `python run.py report {run}`; without --warnings-as-errors the setup passes"


@dataclass(eq=False)
class WarehouseIncomplete(DataError):
    """Relations that the project makes are missing from the database."""

    missing: Whole

    title = "Warehouse incomplete"
    template = "missing from the database: {missing}"
    remedy = "run `python run.py setup`"


@dataclass(eq=False)
class SubmissionsOverdue(DataError):
    """`missing --fail` found companies whose figures are missing after their due day."""

    submissions: Lines

    title = "Submissions overdue"
    template = "{submissions}"
    remedy = "ask for the workbooks and load them; who has nothing to report gets a line in the seed nothing_to_report"


@dataclass(eq=False)
class JumpExplained(UsageError):
    """`explain` names a jump that the seed explains already."""

    jump: str
    reason: str

    title = "Jump explained"
    template = "{jump} is explained already: {reason}; nothing was written"
    remedy = "change the line in dbt_project/seeds/explained_jumps.csv, where another reason is right"


@dataclass(eq=False)
class ConnectionLost(DatabaseError):
    """The database went away, or ended a session, while a setup ran."""

    target: Whole
    step: str
    problem: Lines

    title = "Connection lost"
    template = "the connection to {target} was lost during {step}: {problem}"
    remedy = "once the database answers, run `python run.py setup` again: it can be repeated at any point"


@dataclass(eq=False)
class ServerTooOld(DatabaseError):
    """The server lacks what a load needs (COPY with HEADER match came with PostgreSQL 15)."""

    target: Whole
    version: str
    needed: Whole

    title = "Server too old"
    template = "the server at {target} is PostgreSQL {version}, needed is {needed} or later"
    remedy = "upgrade the server, or name another one"


@dataclass(eq=False)
class RightsMissing(DatabaseError):
    """The role may not create or replace what the setup needs."""

    target: Whole
    missing: Whole
    grants: Whole

    title = "Rights missing"
    template = "the role lacks rights at {target}: {missing}; nothing was changed"
    remedy = "let an owner run: {grants}"


@dataclass(eq=False)
class SetupLocked(WorkDataHubError):
    """Another setup, reset or load holds the lock; two of them must not change one database together."""

    pid: int
    user: str
    application: str
    since: str

    exit_code = ExitCode.LOCKED
    title = "Setup locked"
    template = "another run holds the lock: server process {pid} ({application}, user {user}), started {since}"
    remedy = "wait until it has ended, then run this again; nothing was changed"


@dataclass(eq=False)
class MartUnknown(UsageError):
    """A mart named by --mart is none of the project."""

    mart: str
    valid: Whole

    title = "Mart unknown"
    template = "{mart} is no mart"
    remedy = "name one of {valid}"


@dataclass(eq=False)
class NothingPublished(DataError):
    """Nothing was published yet, so there is nothing to show or to export."""

    target: Whole

    title = "Nothing published"
    template = "nothing is published in {target}"
    remedy = "load workbooks and build the marts: python run.py --execute --build"


@dataclass(eq=False)
class ExportRefused(UsageError):
    """The file named by --to is no .xlsx in a directory that exists."""

    path: Whole

    title = "Export refused"
    template = "{path} cannot be written: it is a directory, lies in none that exists, or does not end in .xlsx"
    remedy = "name a file that ends in .xlsx by --to, in a directory that exists"


@dataclass(eq=False)
class MonthNotPublished(DataError):
    """Nothing is published of the month that was asked for, and nobody owes figures of it."""

    month: str
    known: Whole

    title = "Month unknown"
    template = "nothing is published of {month}"
    remedy = "load its workbooks by `python run.py month {month}`; the newest months there are: {known}"


@dataclass(eq=False)
class PackRefused(UsageError):
    """The file named for an auditor's pack is a directory, or lies in none that exists."""

    path: Whole

    title = "Pack refused"
    template = "{path} cannot be written: it is a directory, or lies in none that exists"
    remedy = "name a file by --to, in a directory that exists"


@dataclass(eq=False)
class PageRefused(UsageError):
    """The file named for a page is a directory, or does not end in .html."""

    path: Whole

    title = "Page refused"
    template = "{path} cannot be written: it is a directory, or does not end in .html"
    remedy = "name a file that ends in .html by --to"
