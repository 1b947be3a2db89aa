"""Fixtures: real workbooks, a copy of the checkout to run commands in, and a PostgreSQL that the tests made themselves.

No fixture ever takes a database from the environment: variables that begin with WDH_, PG or DBT_ are removed from the
environment of every command, and each test gets a database of its own on the server of this session.
"""

import compileall
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import openpyxl
import psycopg2
import pytest

import forks
from extract.config import load_data_sources
from extract.database.connection import Target
from extract.database.embedded import wheel_programs
from extract.domains.registry import Domain, load_domain
from extract.files.discovery import named_files
from extract.settings import ROOT
from extract.table.reading import extract_file
from extract.table.results import FileResult
from forks import Fork, Forks
from servers import PROGRAMS, temporary_server, version

TODAY = date(2026, 11, 20)
HEADER = ("年", "月", "计划代码", "公司代码", "收益率", "净值", "规模")
ROW = (2024, 11, "P1", "C1", 0.01, 1.5, 1000)
NAME = "2024-11_受托业绩报告.xlsx"
DATA = Path(__file__).parent / "data"
SHARED = pytest.StashKey[Path]()
"""A folder of this run of pytest, for all of its processes."""
_CHECKOUT = ("run.py", "console", "extract", "orchestrate", "config", "dbt_project", "dbt_project.yml", "selectors.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgres=DIR` (with the equals sign) and `--faults=N`."""
    parser.addoption(
        "--postgres",
        type=Path,
        metavar="DIR",
        help="directory with initdb, pg_ctl and postgres for the database tests (default: those of the wheel)",
    )
    parser.addoption("--faults", type=int, default=50, help="kills of a load; a fifth of them of the server")
    parser.addoption("--bare", action="store_true", help="start an interpreter for every command (tests/forks.py)")


def pytest_configure(config: pytest.Config) -> None:
    """Stop where --postgres names no PostgreSQL; compile the project once for all copies of it."""
    for name in PROGRAMS:
        if not (_programs(config) / name).exists():
            raise pytest.UsageError(f"--postgres: there is no {name} in {_programs(config)}")
    if not hasattr(config, "workerinput"):  # not once more in every process of the run
        for package in ("console", "extract", "orchestrate"):
            compileall.compile_dir(ROOT / package, quiet=2)
        config.stash[SHARED] = Path(tempfile.mkdtemp(prefix="workdatahub-tests-"))
    else:
        config.stash[SHARED] = Path(config.workerinput["shared"])
    if forks.AVAILABLE and not config.getoption("--bare"):
        Checkout.forks = Forks(config.stash[SHARED], Checkout(ROOT).env())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist the folder that all of them share."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of what the processes of the run share."""
    if Checkout.forks:
        Checkout.forks.close()
    if SHARED in config.stash and not hasattr(config, "workerinput"):
        shutil.rmtree(config.stash[SHARED], ignore_errors=True)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which PostgreSQL the database tests run on, and how commands start."""
    start = "forks of one process" if Checkout.forks else "an interpreter for each"
    return [f"database tests: {version(_programs(config))} in {_programs(config)}", f"commands: {start}"]


def _programs(config: pytest.Config) -> Path:
    given: Path | None = config.getoption("--postgres")
    return wheel_programs() if given is None else given.resolve()


@pytest.fixture(scope="session")
def domain() -> Domain:
    """The domain trustee_performance as configured in the checkout."""
    path = ROOT / "config" / "data_sources.yml"
    return load_domain(load_data_sources(path), "trustee_performance", path)


WriteWorkbook = Callable[..., Path]


@pytest.fixture
def write_workbook(tmp_path: Path) -> WriteWorkbook:
    """Writes an xlsx: `write_workbook(rows, header=..., name=..., folder=..., sheet=...)` gives its path."""

    def write(
        rows: Sequence[Sequence[object]],
        header: Sequence[object] | None = HEADER,
        name: str = NAME,
        folder: Path | None = None,
        sheet: str = "受托业绩",
    ) -> Path:
        workbook = openpyxl.Workbook()
        worksheet = workbook.active
        worksheet.title = sheet
        for row in ([header] if header is not None else []) + list(rows):
            worksheet.append(list(row))
        for cells in worksheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str) and cell.value.startswith("#"):
                    cell.data_type = "e"
        path = (folder or tmp_path) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        workbook.save(path)
        return path

    return write


Extract = Callable[..., FileResult]


@pytest.fixture
def extract(write_workbook: WriteWorkbook, domain: Domain, tmp_path: Path) -> Extract:
    """Writes rows to a workbook and extracts it: `extract(rows, header=..., **config)` gives the FileResult."""

    def run(rows: Sequence[Sequence[object]], units: dict[str, int] | None = None, **options: object) -> FileResult:
        path = write_workbook(rows, **options)
        source = named_files([path], tmp_path, domain.config).files[0]
        used = Domain(domain.name, domain.config, tuple((units or {}).items()))
        (result,) = extract_file(source, used, TODAY)
        return result

    return run


Process = Fork | subprocess.Popen[str]
Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Checkout:
    """A copy of the project to run commands in, with an environment that names no database but the given one."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    forks: ClassVar[Forks | None] = None
    """What starts the commands of this process of pytest; an interpreter for each where it is None."""

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of run.py."""
        return [sys.executable, str(self.root / "run.py"), *map(str, arguments)]

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a command: ours without anything that could name a database, then the given one."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("WDH_", "PG", "DBT_"))}
        return clean | {"PYTHONUTF8": "1"} | self.environment | more

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """Run `python run.py` with the arguments in a real process."""
        return self.finish(self.command(*arguments), **environment)

    def dbt(self, *arguments: str) -> Result:
        """Run dbt at the root of the copy, as a user types it."""
        return self.finish([sys.executable, str(Path(sys.executable).with_name("dbt")), *arguments])

    def bare(self, *arguments: str | Path, **environment: str) -> Result:
        """Run `python run.py` in an interpreter of its own, as a user does."""
        return _outcome(self._start_interpreter(self.command(*arguments), self.env(**environment)))

    def start(self, *arguments: str | Path, **environment: str) -> Process:
        """Start `python run.py` beside the test."""
        return self._start(self.command(*arguments), self.env(**environment))

    def finish(self, command: list[str], **environment: str) -> Result:
        """Run a script of Python with its arguments at the root of the copy."""
        return _outcome(self._start(command, self.env(**environment)))

    def _start(self, command: list[str], environment: dict[str, str]) -> Process:
        if self.forks and self.forks.suits(command, environment):
            return self.forks.start(command, self.root, environment)
        return self._start_interpreter(command, environment)

    def _start_interpreter(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )


def _outcome(process: Process) -> Result:
    """Wait for the end of a process; one that does not end is killed."""
    try:
        stdout, stderr = process.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return subprocess.CompletedProcess([], process.wait(), stdout, stderr)


def copy_checkout(folder: Path) -> Path:
    """A copy of what a run needs, without data."""
    for name in _CHECKOUT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)  # with what is compiled: commands in the copy start in half the time
        else:
            shutil.copy2(source, folder / name)
    (folder / "data").mkdir()
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of the checkout without a database; `data/` is empty."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Checkout(copy_checkout(folder))


@pytest.fixture(scope="session")
def programs(pytestconfig: pytest.Config) -> Path:
    """The directory with the programs of the PostgreSQL that the database tests run on."""
    return _programs(pytestconfig)


@pytest.fixture(scope="session")
def server(programs: Path) -> Iterator[Target]:
    """A PostgreSQL of this session: the target of its maintenance database."""
    with temporary_server(programs) as running:
        yield running.target()


@dataclass(frozen=True)
class Database:
    """An empty database made for one test (or one module), which is dropped afterwards; its user is no superuser."""

    target: Target

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make a command use it."""
        names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "DB"}
        return {f"WDH_DATABASE__{variable}": self.target.parameters[name] for name, variable in names.items()}

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """The rows of a query, in a connection of its own."""
        connection = psycopg2.connect(**self.target.parameters)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


def make_database(server: Target) -> Iterator[Database]:
    """Create a database and a role that owns it and is no superuser, both with names that nobody else has.

    At the end just these two are dropped.
    """
    name = f"test_{uuid4().hex}"
    maintenance = Database(server)
    maintenance.query(f"create role {name} login")
    maintenance.query(f"create database {name} owner {name}")
    try:
        yield Database(Target({**server.parameters, "user": name, "dbname": name}))
    finally:
        maintenance.query(f"drop database {name} with (force)")
        maintenance.query(f"drop role {name}")


@pytest.fixture
def database(server: Target) -> Iterator[Database]:
    """An empty database of this test."""
    yield from make_database(server)


@pytest.fixture
def administered(server: Target, database: Database) -> Database:
    """The database of the test, as the superuser of its server."""
    return Database(Target({**server.parameters, "dbname": database.target.parameters["dbname"]}))


@pytest.fixture
def loading(checkout: Checkout, database: Database) -> Checkout:
    """A copy of the checkout whose commands use the database of this test."""
    return Checkout(checkout.root, database.environment)


def plan_of(folder: Path) -> list[list[str]]:
    """The rows of the CSV of a plan, without its header."""
    import csv

    with (folder / "trustee_performance.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


SECRET = "s3cret-word"


@pytest.fixture(scope="session")
def strict_server(programs: Path) -> Iterator[Target]:
    """A server that listens on TCP and asks for passwords: role `loader` with SECRET, databases `there` and `owned`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with temporary_server(programs) as running:
        maintenance = Database(running.target())
        maintenance.query(f"create role loader login password '{SECRET}'")
        maintenance.query("create database there")
        maintenance.query("create database owned owner loader")
        running.stop()
        rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (running.directory / "pg_hba.conf").write_text(rules)
        running.start(port, "127.0.0.1")
        yield Target({"host": "127.0.0.1", "port": str(port), "user": "loader", "dbname": "there", "password": SECRET})


def variables(target: Target, **other: str) -> dict[str, str]:
    """The variables of a target, some of them replaced."""
    where = target.parameters
    names = {"HOST": where["host"], "PORT": where["port"], "USER": where["user"], "DB": where["dbname"],
             "PASSWORD": SECRET}  # fmt: skip
    return {f"WDH_DATABASE__{name}": value for name, value in (names | other).items()}
