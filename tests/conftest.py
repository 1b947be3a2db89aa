"""Fixtures: real workbooks, a copy of the checkout to run commands in, and a PostgreSQL that the tests made themselves.

No fixture ever takes a database from the environment: variables that begin with WDH_, PG or DBT_ are removed from the
environment of every command, and each test gets a database of its own on the server of this session.
"""

import compileall
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import forks
from checkouts import Checkout, changed_code, copy_checkout
from databases import Database, Make, Templates, make_database
from extract.config import load_data_sources
from extract.database.connection import Target
from extract.database.embedded import wheel_programs
from extract.domains.registry import Domain, load_domain
from extract.files.discovery import named_files
from extract.settings import ROOT
from extract.table.reading import extract_file
from extract.table.records.results import FileResult
from folders import Folder
from forks import Forks
from orchestrate.dbt.profile import write_profile
from servers import PROGRAMS, Clusters, temporary_server, version
from small_project import write_small_project

TODAY = date(2026, 11, 20)
HEADER = ("年", "月", "计划代码", "公司代码", "收益率", "净值", "规模")
ROW = (2024, 11, "P1", "C1", 0.01, 1.5, 1000)
NAME = "2024-11_受托业绩报告.xlsx"
DATA = Path(__file__).parent / "data"
SHARED = pytest.StashKey[Path]()
"""A folder of this run of pytest, for all of its processes."""
FOLDER = pytest.StashKey[Folder]()
"""The same, in the process that made it."""


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
        for package in ("commands", "console", "extract", "orchestrate"):
            compileall.compile_dir(ROOT / package, quiet=2)
        config.stash[FOLDER] = Folder()
        config.stash[SHARED] = config.stash[FOLDER].path
    else:
        config.stash[SHARED] = Path(config.workerinput["shared"])
    Checkout.shared = config.stash[SHARED]
    if forks.AVAILABLE and not config.getoption("--bare"):
        Checkout.forks = Forks(config.stash[SHARED], Checkout(ROOT).env())
        if config.args_source is pytest.Config.ArgsSource.TESTPATHS:  # all tests: it is there once they are collected
            Checkout.forks.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: some tests wait for a lock or a server."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist the folder that all of them share."""
    node.workerinput["shared"] = str(node.config.stash[SHARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of what the processes of the run share."""
    if Checkout.forks:
        Checkout.forks.close()
    if FOLDER in config.stash:
        config.stash[FOLDER].remove()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which PostgreSQL the database tests run on, how commands start, and where temporary files lie."""
    if FOLDER not in config.stash:  # a process of xdist, whose header nobody sees
        return []
    start = "forks of one process" if Checkout.forks else "an interpreter for each"
    return [
        f"database tests: {version(_programs(config))} in {_programs(config)}",
        f"commands: {start}",
        f"temporary files: {config.stash[FOLDER].why} (--basetemp=DIR keeps those of tests that fail)",
    ]


def _programs(config: pytest.Config) -> Path:
    given: Path | None = config.getoption("--postgres")
    return wheel_programs() if given is None else given.resolve()


@pytest.fixture(scope="session", autouse=True)
def code_is_as_it_was(pytestconfig: pytest.Config) -> Iterator[None]:
    """Fails where a test has changed the code of all copies of the checkout."""
    yield
    assert not changed_code(pytestconfig.stash[SHARED]), "tests/checkouts.py has change_code for this"


@pytest.fixture(scope="session")
def domain() -> Domain:
    """The domain trustee_performance as configured in the checkout."""
    path = ROOT / "config" / "data_sources.yml"
    return load_domain(load_data_sources(path), "trustee_performance", path)


def write_book(
    rows: Sequence[Sequence[object]], path: Path, header: Sequence[object] | None = HEADER, sheet: str = "受托业绩"
) -> Path:
    """Write an xlsx; gives its path. Texts that begin with # become errors."""
    workbook = openpyxl.Workbook()
    worksheet = workbook.active
    worksheet.title = sheet
    for row in ([header] if header is not None else []) + list(rows):
        worksheet.append(list(row))
    for cells in worksheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.startswith("#"):
                cell.data_type = "e"
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


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
        return write_book(rows, (folder or tmp_path) / name, header, sheet)

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
def clusters(pytestconfig: pytest.Config) -> Clusters:
    """New data directories, of which one is made by initdb and the others are copies."""
    return Clusters(pytestconfig.stash[SHARED])


@pytest.fixture(scope="session")
def server(programs: Path, clusters: Clusters) -> Iterator[Target]:
    """A PostgreSQL of this process of the session: the target of its maintenance database."""
    with temporary_server(programs, clusters) as running:
        yield running.target()


@pytest.fixture(scope="session")
def templates(server: Target) -> Iterator[Templates]:
    """The states of databases that this process has made."""
    with ExitStack() as kept:
        yield Templates(server, kept)


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


@pytest.fixture(scope="session")
def all_samples(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database in which all samples are loaded and built."""

    def make(database: Database) -> None:
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("samples")), database.environment)
        done = checkout.run("--execute", "--data-dir", ROOT / "data", "--max-files", "24")
        assert done.returncode == 0, done.stderr
        built = checkout.build()
        assert built.returncode == 0, built.stdout

    return make


@pytest.fixture(scope="session")
def small_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes a database in which the small project is set up."""

    def make(database: Database) -> None:
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("small")), database.environment)
        write_small_project(checkout.root)
        done = checkout.run("setup")
        assert done.returncode == 0, done.stderr

    return make


@pytest.fixture
def ready(templates: Templates, small_warehouse: Make) -> Iterator[Database]:
    """The database of a test, in which the small project is set up."""
    yield from templates.copy(small_warehouse)


@pytest.fixture
def built(checkout: Checkout, ready: Database) -> Checkout:
    """A checkout of the small project, whose commands use the database that it is set up in."""
    write_small_project(checkout.root)
    write_profile(ready.target, checkout.root)  # as a setup does
    return Checkout(checkout.root, ready.environment)


def plan_of(folder: Path) -> list[list[str]]:
    """The rows of the CSV of a plan, without its header."""
    import csv

    with (folder / "trustee_performance.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]


SECRET = "s3cret-word"


@pytest.fixture(scope="session")
def strict_server(programs: Path, clusters: Clusters) -> Iterator[Target]:
    """A server that listens on TCP and asks for passwords: role `loader` with SECRET, databases `there` and `owned`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with temporary_server(programs, clusters) as running:
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
