"""What goes wrong in connecting, in statements, and in waiting for locks."""

from dataclasses import dataclass

from extract.errors.base import DatabaseError, ExitCode, Lines, UsageError, Whole, WorkDataHubError


@dataclass(eq=False)
class DatabaseUnreachable(DatabaseError):
    """No server answers."""

    target: Whole
    problem: Lines

    title = "Database unreachable"
    template = "no PostgreSQL server answers at {target}: {problem}"
    remedy = "start the server, or correct WDH_DATABASE__HOST and WDH_DATABASE__PORT"


@dataclass(eq=False)
class ServerStopped(DatabaseError):
    """The embedded server is at rest."""

    target: Whole

    title = "Server stopped"
    template = "the server is stopped: {target}"
    remedy = "start it by python run.py server start; a load or a setup starts it too"


@dataclass(eq=False)
class NoEmbeddedServer(UsageError):
    """The settings name a server of others, which no command here starts or stops."""

    target: Whole

    title = "No embedded server"
    template = "the settings name a server, {target}, and no embedded one"
    remedy = "start or stop it where it runs; without the variables WDH_DATABASE__... the embedded server is used"


@dataclass(eq=False)
class LoginRejected(DatabaseError):
    """The server rejects user or password."""

    target: Whole
    problem: Lines

    title = "Login rejected"
    template = "the server rejects the login at {target}: {problem}"
    remedy = "correct WDH_DATABASE__USER and WDH_DATABASE__PASSWORD"


@dataclass(eq=False)
class DatabaseMissing(DatabaseError):
    """The server has no database of that name."""

    target: Whole
    problem: Lines

    title = "Database missing"
    template = "the server answers, but the database is missing at {target}: {problem}"
    remedy = "create it (createdb), or correct WDH_DATABASE__DB"


@dataclass(eq=False)
class DatabaseRefused(DatabaseError):
    """The server refuses a statement, or went away."""

    target: Whole
    problem: Lines

    title = "Database refused"
    template = "the database at {target} refused: {problem}"
    remedy = "see the message, mend the cause, and run again; a load is whole or absent, and running it twice is safe"


@dataclass(eq=False)
class StatementTimedOut(DatabaseError):
    """A statement ran longer than the statement timeout allows, and the server ended it."""

    target: Whole
    seconds: float

    title = "Statement timed out"
    template = "the database at {target} ended a statement after {seconds:g} s, and nothing of the transaction is kept"
    remedy = "see what slows the server down, or raise WDH_DATABASE__STATEMENT_TIMEOUT (seconds), and run again"


@dataclass(eq=False)
class OutcomeUnknown(DatabaseError):
    """The connection was lost during the commit, so nobody here can know whether the server made it."""

    target: Whole
    problem: Lines

    title = "Outcome unknown"
    template = "the connection to {target} was lost during the commit, which may have happened or not: {problem}"
    remedy = "see the loads by `python run.py history`; running again is safe in either case"


@dataclass(eq=False)
class PermissionDenied(DatabaseError):
    """The role that is logged in lacks a permission."""

    target: Whole
    role: str
    problem: Lines
    advice: Whole

    title = "Permission denied"
    template = "the database at {target} does not let {role} do this: {problem}"
    remedy = "{advice}; docs/security.md says which role runs what"


@dataclass(eq=False)
class EmbeddedServerFailed(DatabaseError):
    """The embedded PostgreSQL cannot be started."""

    directory: Whole
    problem: Lines

    title = "Embedded server failed"
    template = "the embedded PostgreSQL in {directory} cannot be started: {problem}"
    remedy = "see {directory}/log, or name a server by WDH_DATABASE__HOST"


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
class BuildLocked(WorkDataHubError):
    """Another run builds the marts."""

    pid: int
    user: str
    application: str
    since: str

    exit_code = ExitCode.LOCKED
    title = "Build locked"
    template = "another run builds the marts: server process {pid} ({application}, {user}), since {since}"
    remedy = "wait for it, or let this run wait by --lock-timeout SECONDS; what was loaded is safe"


@dataclass(eq=False)
class TableLocked(WorkDataHubError):
    """Another session holds a lock that a statement needs, for longer than the lock timeout."""

    target: Whole
    seconds: float
    what: Whole
    holder: Whole

    exit_code = ExitCode.LOCKED
    title = "Table locked"
    template = "{what} at {target} stayed locked for {seconds:g} s by {holder}; nothing of the transaction is kept"
    remedy = "end that session, or raise WDH_DATABASE__LOCK_TIMEOUT (seconds), and run again"
