"""Every error a user can meet: one class per kind, with what happened, where, and what to do next.

`title` names the kind, `template` is filled from the fields of the instance, `remedy` is the next step. The class
decides the exit code, the same for every command.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Any, ClassVar


class ExitCode(IntEnum):
    """Exit codes of every command (docs/operations.md)."""

    OK = 0
    DATA = 1
    USAGE = 2
    DATABASE = 3
    LOCKED = 4
    PROJECT = 5
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(eq=False)
class WorkDataHubError(Exception):
    """Base of all errors that are meant for the user."""

    exit_code: ClassVar[ExitCode]
    title: ClassVar[str]
    template: ClassVar[str]
    remedy: ClassVar[str]

    @classmethod
    def code(cls) -> str:
        """The kind in snake case, as plan.json and the JSON log name it."""
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in cls.__name__).lstrip("_")

    @property
    def message(self) -> str:
        """What happened, with file, cell and value."""
        return self.template.format(**vars(self))

    @property
    def next_step(self) -> str:
        """What to do about it."""
        return self.remedy.format(**vars(self))

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields, so that errors can come back from worker processes."""
        return partial(type(self), **vars(self)), ()


class DataError(WorkDataHubError):
    """The data failed: exit code 1."""

    exit_code = ExitCode.DATA


class UsageError(WorkDataHubError):
    """The command line or the configuration is wrong: exit code 2."""

    exit_code = ExitCode.USAGE


class DatabaseError(WorkDataHubError):
    """The database cannot be reached, or refuses: exit code 3."""

    exit_code = ExitCode.DATABASE


# --- usage and configuration -------------------------------------------------------------------------------------


@dataclass(eq=False)
class ConfigFileMissing(UsageError):
    """The configuration file is not where it should be."""

    path: str

    title = "Configuration file missing"
    template = "there is no configuration file {path}"
    remedy = "check --config or WDH_DATA_SOURCES_CONFIG; config/data_sources.yml of the checkout is the default"


@dataclass(eq=False)
class ConfigInvalid(UsageError):
    """The configuration file holds something that is not allowed."""

    path: str
    key: str
    problem: str

    title = "Configuration invalid"
    template = "{path}: {key}: {problem}"
    remedy = "mend that key; docs/configuration.md lists all of them"


@dataclass(eq=False)
class UnknownDomain(UsageError):
    """--domain names no domain of the configuration."""

    domain: str
    valid: str

    title = "Unknown domain"
    template = "there is no domain {domain}"
    remedy = "use --domain with one of: {valid}"


@dataclass(eq=False)
class PortTaken(UsageError):
    """`docs` cannot listen on the port."""

    address: str
    problem: str

    title = "Port taken"
    template = "cannot listen on {address}: {problem}"
    remedy = "end what uses it, or take another by --port (0 takes any free one)"


@dataclass(eq=False)
class UnknownSetting(UsageError):
    """A variable begins with WDH_ and is no setting; going on could load into the wrong database."""

    variable: str
    where: str
    nearest: str

    title = "Unknown setting"
    template = "{variable} ({where}) begins with WDH_ but is no setting"
    remedy = "did you mean {nearest}? Rename it or unset it"


@dataclass(eq=False)
class SelectorEmpty(UsageError):
    """A selector of the dbt project chooses no model, so that a part of the setup would do nothing."""

    selector: str

    title = "Selector empty"
    template = "the selector {selector} of selectors.yml chooses no node of the dbt project; nothing was changed"
    remedy = "give the models that it means their tag, or mend selectors.yml; `dbt ls --selector {selector}` shows it"


@dataclass(eq=False)
class ProfileDiffers(UsageError):
    """profiles.yml is the user's own and names another database than the settings do."""

    profile: str
    settings: str

    title = "Profile differs"
    template = "profiles.yml names {profile}, the settings name {settings}; nothing was changed"
    remedy = "make them agree, or delete profiles.yml: it is then written to match the settings"


@dataclass(eq=False)
class TargetProtected(UsageError):
    """What would be removed belongs to a target that is marked as protected."""

    target: str

    title = "Target protected"
    template = "{target} is protected (vars.protected_targets of dbt_project.yml); nothing was changed"
    remedy = "if you mean it, add --allow-protected"


@dataclass(eq=False)
class VersionUnsupported(UsageError):
    """A program that is needed is missing, or has a version that does not work."""

    program: str
    found: str
    needed: str

    title = "Version unsupported"
    template = "{program} is {found}, needed is {needed}"
    remedy = "in the virtual environment of the project: python -m pip install -c constraints.txt -e ."


@dataclass(eq=False)
class RunUnknown(UsageError):
    """`report` names a run of which there is no record."""

    wanted: str
    known: str

    title = "Run unknown"
    template = "there is {wanted} in .wdh/runs"
    remedy = "the last runs are: {known}; `python run.py setup` makes one"


@dataclass(eq=False)
class InvalidSetting(UsageError):
    """A setting has a value that cannot be used."""

    variable: str
    problem: str

    title = "Invalid setting"
    template = "{variable}: {problem}"
    remedy = "correct it in the environment or in .env; .env.example lists the settings"


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
class PlanDirectoryUnusable(UsageError):
    """The plan directory cannot be made, or is not empty."""

    path: str
    problem: str

    title = "Plan directory unusable"
    template = "the plan cannot be written to {path}: {problem}"
    remedy = "name a new or empty directory by --plan-dir"


@dataclass(eq=False)
class PlanMissing(UsageError):
    """`apply` names no plan directory."""

    path: str

    title = "Plan missing"
    template = "there is no plan in {path} (no plan.json)"
    remedy = "name a directory that `python run.py` wrote, usually below plans/"


@dataclass(eq=False)
class BatchUnknown(UsageError):
    """The ledger has no batch of that number."""

    batch: int

    title = "Batch unknown"
    template = "there is no batch {batch} in the ledger"
    remedy = "see `python run.py history`"


# --- data --------------------------------------------------------------------------------------------------------


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
class SheetNotFound(DataError):
    """The workbook has no sheet of that name or index."""

    file: str
    sheet: str
    sheets: str

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
    seen: str

    title = "Header not found"
    template = "{file}, sheet {sheet}: no header among the first 30 rows ({seen})"
    remedy = "check that this is the right workbook and sheet (--sheet); docs/rules.md lists the accepted headers"


@dataclass(eq=False)
class ColumnMissing(DataError):
    """A key column is not in the header."""

    file: str
    sheet: str
    header_row: int
    missing: str
    found: str

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
    accepted: str

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


@dataclass(eq=False)
class ReaderCrashed(DataError):
    """A worker process died while it read a workbook."""

    file: str
    problem: str

    title = "Reader crashed"
    template = "the process that read {file} died: {problem}"
    remedy = "open the workbook in Excel, save it as .xlsx, and run again; limits in the configuration can be raised"


@dataclass(eq=False)
class KeysExist(DataError):
    """--mode append met keys that staging already holds."""

    table: str
    count: int
    examples: str

    title = "Keys exist"
    template = "{count} keys are in {table} already, for example {examples}; append loads new keys only"
    remedy = "use --mode delete_insert to restate them"


@dataclass(eq=False)
class TooManyRemoved(DataError):
    """--mode replace_period would withdraw more of the existing rows than max_removed_ratio allows."""

    table: str
    removed: int
    existing: int
    limit: float
    keys: str

    title = "Too many removed"
    template = "{removed} of {existing} rows of {table} would go, more than max_removed_ratio {limit:g} allows: {keys}"
    remedy = "check that the workbooks are complete (--diff lists every key); if they are, raise max_removed_ratio"


@dataclass(eq=False)
class RemovedBesideRejects(DataError):
    """--mode replace_period would withdraw keys while rows are rejected, which may be their new versions."""

    table: str
    removed: int
    rejects: int
    keys: str

    title = "Removed beside rejects"
    template = "{rejects} rows are rejected, and {removed} rows of {table} would go that they may restate: {keys}"
    remedy = "mend the rejected rows (make a plan and see its rejects.xlsx), then load the whole workbook again"


@dataclass(eq=False)
class BatchNotUndoable(DataError):
    """`undo` cannot take a batch out."""

    batch: int
    problem: str

    title = "Batch not undoable"
    template = "batch {batch} cannot be undone: {problem}"
    remedy = "see `python run.py history`"


@dataclass(eq=False)
class PlanChanged(DataError):
    """A file of a plan is not what it was when the plan was written."""

    path: str
    problem: str

    title = "Plan changed"
    template = "{path} is not what was planned: {problem}"
    remedy = "nothing was loaded: restore the plan directory, or make and review a new plan"


@dataclass(eq=False)
class PlanNotReady(DataError):
    """A plan of a failed run cannot be applied."""

    path: str
    errors: str

    title = "Plan not ready"
    template = "the plan {path} is that of a failed run: {errors}"
    remedy = "mend what failed and make a new plan"


@dataclass(eq=False)
class PlanOutdated(DataError):
    """The configuration or the rules have changed since the plan was made."""

    path: str
    planned: str
    now: str

    title = "Plan outdated"
    template = "the plan {path} was made under other rules or another configuration ({planned}; now {now})"
    remedy = "nothing was loaded: make and review a new plan"


@dataclass(eq=False)
class SourcesChanged(DataError):
    """Workbooks of a plan are not what they were when the plan was made."""

    changes: str

    title = "Sources changed"
    template = "workbooks have changed since the plan was made: {changes}"
    remedy = (
        "make a new plan, name the data directory by --data-dir, or load the planned rows by --allow-changed-sources"
    )


@dataclass(eq=False)
class HistoryNotBuilt(DataError):
    """`prune` found no history mart, which must hold what goes."""

    table: str

    title = "History not built"
    template = "{table} does not exist, so staging holds the only copy of older versions"
    remedy = "run `dbt build` first"


@dataclass(eq=False)
class DiskFailed(DataError):
    """A file cannot be written, usually because the disk is full."""

    path: str
    problem: str

    title = "Disk failed"
    template = "{path} cannot be written: {problem}"
    remedy = "make room or choose another place, then run again"


@dataclass(eq=False)
class BuildFailed(DataError):
    """dbt ran, and a model or a test failed."""

    failed: str

    title = "Build failed"
    template = "dbt build failed: {failed}"
    remedy = "the staged rows are safe: mend the cause and run `dbt build`"


@dataclass(eq=False)
class SeedsInvalid(DataError):
    """Files of seeds that would not load, or not as they are written. Nothing was changed."""

    problems: str

    title = "Seeds invalid"
    template = "{problems}"
    remedy = "mend the files and run again; nothing was changed"


@dataclass(eq=False)
class SeedColumnsDiffer(DataError):
    """The table of a seed has other columns than its file: dbt would fail, or leave a column without values."""

    differences: str
    statements: str

    title = "Seed columns differ"
    template = "{differences}; nothing was changed"
    remedy = "run: {statements} Or let `python run.py setup --reset` make all tables anew"


@dataclass(eq=False)
class DependentsExist(DataError):
    """Views or foreign keys that are not ours depend on what would be dropped or replaced."""

    dependents: str

    title = "Dependents exist"
    template = "not ours, and they would be dropped with what they depend on: {dependents}; nothing was changed"
    remedy = "drop them yourself, or add --cascade to let them go"


@dataclass(eq=False)
class SetupFailed(DataError):
    """Models or tests failed, could not run, or relations are missing afterwards."""

    failed: str
    run: str

    title = "Setup failed"
    template = "{failed}"
    remedy = "see `python run.py report {run}`, mend the cause, and run `python run.py setup` again"


@dataclass(eq=False)
class WarningsFound(DataError):
    """There were warnings, and --warnings-as-errors was given."""

    warnings: str
    run: str

    title = "Warnings found"
    template = "warnings count as errors here: {warnings}"
    remedy = "see `python run.py report {run}`; without --warnings-as-errors the setup passes"


@dataclass(eq=False)
class WarehouseIncomplete(DataError):
    """Relations that the project makes are missing from the database."""

    missing: str

    title = "Warehouse incomplete"
    template = "missing from the database: {missing}"
    remedy = "run `python run.py setup`"


# --- database ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class DatabaseUnreachable(DatabaseError):
    """No server answers."""

    target: str
    problem: str

    title = "Database unreachable"
    template = "no PostgreSQL server answers at {target}: {problem}"
    remedy = "start the server, or correct WDH_DATABASE__HOST and WDH_DATABASE__PORT"


@dataclass(eq=False)
class LoginRejected(DatabaseError):
    """The server rejects user or password."""

    target: str
    problem: str

    title = "Login rejected"
    template = "the server rejects the login at {target}: {problem}"
    remedy = "correct WDH_DATABASE__USER and WDH_DATABASE__PASSWORD"


@dataclass(eq=False)
class DatabaseMissing(DatabaseError):
    """The server has no database of that name."""

    target: str
    problem: str

    title = "Database missing"
    template = "the server answers, but the database is missing at {target}: {problem}"
    remedy = "create it (createdb), or correct WDH_DATABASE__DB"


@dataclass(eq=False)
class DatabaseRefused(DatabaseError):
    """The server refuses a statement, or went away."""

    target: str
    problem: str

    title = "Database refused"
    template = "the database at {target} refused: {problem}"
    remedy = "see the message, mend the cause, and run again; a load is whole or absent, and running it twice is safe"


@dataclass(eq=False)
class ConnectionLost(DatabaseError):
    """The database went away, or ended a session, while a setup ran."""

    target: str
    step: str
    problem: str

    title = "Connection lost"
    template = "the connection to {target} was lost during {step}: {problem}"
    remedy = "once the database answers, run `python run.py setup` again: it can be repeated at any point"


@dataclass(eq=False)
class ServerTooOld(DatabaseError):
    """The server lacks what a load needs (COPY with HEADER match came with PostgreSQL 15)."""

    target: str
    version: str
    needed: str

    title = "Server too old"
    template = "the server at {target} is PostgreSQL {version}, needed is {needed} or later"
    remedy = "upgrade the server, or name another one"


@dataclass(eq=False)
class RightsMissing(DatabaseError):
    """The role may not create or replace what the setup needs."""

    target: str
    missing: str
    grants: str

    title = "Rights missing"
    template = "the role lacks rights at {target}: {missing}; nothing was changed"
    remedy = "let an owner run: {grants}"


@dataclass(eq=False)
class StatementTimedOut(DatabaseError):
    """A statement ran longer than the statement timeout allows, and the server ended it."""

    target: str
    seconds: float

    title = "Statement timed out"
    template = "the database at {target} ended a statement after {seconds:g} s, and nothing of the transaction is kept"
    remedy = "see what slows the server down, or raise WDH_DATABASE__STATEMENT_TIMEOUT (seconds), and run again"


@dataclass(eq=False)
class OutcomeUnknown(DatabaseError):
    """The connection was lost during the commit, so nobody here can know whether the server made it."""

    target: str
    problem: str

    title = "Outcome unknown"
    template = "the connection to {target} was lost during the commit, which may have happened or not: {problem}"
    remedy = "see the loads by `python run.py history`; running again is safe in either case"


@dataclass(eq=False)
class PermissionDenied(DatabaseError):
    """The role that is logged in lacks a permission."""

    target: str
    role: str
    problem: str
    advice: str

    title = "Permission denied"
    template = "the database at {target} does not let {role} do this: {problem}"
    remedy = "{advice}; docs/security.md says which role runs what"


@dataclass(eq=False)
class StagingDiffers(DatabaseError):
    """A staging table exists with other columns than the domain model has."""

    table: str
    difference: str

    title = "Staging differs"
    template = "{table} does not have the columns of the domain model: {difference}"
    remedy = "alter the table to match, or move it away; it is made anew where it is missing"


@dataclass(eq=False)
class EmbeddedServerFailed(DatabaseError):
    """The embedded PostgreSQL cannot be started."""

    directory: str
    problem: str

    title = "Embedded server failed"
    template = "the embedded PostgreSQL in {directory} cannot be started: {problem}"
    remedy = "see {directory}/log, or name a server by WDH_DATABASE__HOST"


# --- lock, project, interruption ---------------------------------------------------------------------------------


@dataclass(eq=False)
class LoadLocked(WorkDataHubError):
    """Another run holds the lock on staging."""

    pid: int
    user: str
    application: str
    since: str

    exit_code = ExitCode.LOCKED
    title = "Load locked"
    template = "another run holds the lock: server process {pid} ({application}, {user}), started {since}"
    remedy = "wait for it, or let this run wait by --lock-timeout SECONDS"


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
class TableLocked(WorkDataHubError):
    """Another session holds a lock that a statement needs, for longer than the lock timeout."""

    target: str
    seconds: float
    what: str
    holder: str

    exit_code = ExitCode.LOCKED
    title = "Table locked"
    template = "{what} at {target} stayed locked for {seconds:g} s by {holder}; nothing of the transaction is kept"
    remedy = "end that session, or raise WDH_DATABASE__LOCK_TIMEOUT (seconds), and run again"


@dataclass(eq=False)
class ProjectInvalid(WorkDataHubError):
    """dbt cannot parse or compile the project."""

    problem: str

    exit_code = ExitCode.PROJECT
    title = "dbt project invalid"
    template = "the dbt project does not parse: {problem}"
    remedy = "mend that file and run `dbt parse`"
