"""How long one large workbook takes to plan, against pandas.read_excel and one Pydantic call per row, in one run.

    python benchmarks/plan_speed.py [--rows 50000] [--runs 5]

Both sides read the same workbook (seven columns, written by this script), in turn. The other side only parses types:
it checks no rule, finds no duplicate and writes no file.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
from pydantic import BaseModel, Field

from extract.config import load_data_sources
from extract.domains.registry import load_domain
from extract.files.discovery import named_files
from extract.pipeline import extracting, gather
from extract.plan.writing import write_plan
from extract.settings import ROOT
from extract.table.reading import ReadOptions

HEADER = ("年", "月", "计划代码", "公司代码", "收益率", "净值", "规模")
OTHER_SIDE = "import sys; sys.path.insert(0, {folder!r}); import plan_speed; plan_speed.read_with_pandas({path!r})"


class Row(BaseModel):
    """The model of the other side: types only."""

    year: int = Field(alias="年")
    month: int = Field(alias="月")
    plan_code: str = Field(alias="计划代码")
    company_code: str = Field(alias="公司代码")
    return_rate: float = Field(alias="收益率")
    net_asset_value: float = Field(alias="净值")
    fund_scale: float = Field(alias="规模")


def make_workbook(path: Path, rows: int) -> None:
    """A workbook of `rows` rows with figures of two to six places."""
    random.seed(1)
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("受托业绩")
    sheet.append(HEADER)
    for number in range(rows):
        measures = (
            round(random.uniform(-0.1, 0.1), 6),
            round(random.uniform(0.5, 3), 4),
            round(random.uniform(1e4, 1e9), 2),
        )
        sheet.append((2024, 11, f"P{number:06d}", f"C{number % 40:03d}", *measures))
    workbook.save(path)


def read_with_pandas(path: str) -> list[Row]:
    """The other side: pandas.read_excel with openpyxl, then one Pydantic call per row."""
    frame = pd.read_excel(path, engine="openpyxl")
    return [Row(**row) for row in frame.to_dict("records")]


def plan(path: Path, folder: Path) -> None:
    """Our side: from the workbook to the whole plan directory."""
    configuration = ROOT / "config" / "data_sources.yml"
    domain = load_domain(load_data_sources(configuration), "trustee_performance", configuration)
    found = named_files([path], path.parent, domain.config)
    with (
        extracting(found.files, domain, date.today(), ReadOptions(), 1) as outcomes,  # noqa: DTZ011  # the calendar of the user
        gather(outcomes, domain) as extraction,
    ):
        write_plan(extraction, "delete_insert", folder)


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def report(name: str, ours: list[float], theirs: list[float]) -> None:
    """One line: medians, and the ratio pair by pair."""
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    print(
        f"{name:<18} ours {statistics.median(ours):6.3f} s   pandas + Pydantic {statistics.median(theirs):6.3f} s"
        f"   ratio {statistics.median(ratios):4.1f} (min {min(ratios):.1f}, max {max(ratios):.1f})"
    )


def main() -> None:
    """Run both sides in turn and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "2024-11_受托业绩.xlsx"
        make_workbook(path, options.rows)
        other = [sys.executable, "-c", OTHER_SIDE.format(folder=str(Path(__file__).parent), path=str(path))]
        own = [sys.executable, str(ROOT / "run.py"), "-q", "--file", str(path), "--plan-dir"]
        in_process: tuple[list[float], list[float]] = ([], [])
        processes: tuple[list[float], list[float]] = ([], [])
        for run in range(options.runs + 1):
            plan_folder = folder / f"plan{run}"
            command_folder = folder / f"command{run}"
            pair = (seconds(lambda: plan(path, plan_folder)), seconds(lambda: read_with_pandas(str(path))))  # noqa: B023  # called at once
            whole = (
                seconds(lambda: subprocess.run([*own, str(command_folder)], check=True)),  # noqa: B023  # called at once
                seconds(lambda: subprocess.run(other, check=True)),
            )
            if run:  # the first one warms up
                for figures, measured in ((in_process, pair), (processes, whole)):
                    figures[0].append(measured[0])
                    figures[1].append(measured[1])
    print(f"plan of one workbook with {options.rows:,} rows, {options.runs} runs in turn, medians:")
    report("in one process", *in_process)
    report("whole commands", *processes)


if __name__ == "__main__":
    main()
