"""Everything a person sees: the one module that prints. Results go to stdout, logs and progress to stderr."""

import io
import json
import logging
import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from extract.errors.base import WorkDataHubError
from extract.files.discovery import BEYOND_LIMIT
from extract.plan.landing import Extraction
from extract.plan.statements import Statement
from extract.plan.writing import Plan
from extract.steps import FIELDS, LOGGER
from extract.table.results import Reject

if TYPE_CHECKING:
    from extract.staging.loading import Load
    from orchestrate.dbt.build import Build

PIPE_WIDTH = 160
"""Columns where the output is no terminal, so that tables are not squeezed into 80."""
SHOWN_REJECTS = 10
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv")
"""Of what discovery passed over, these are shown; plan.json has all."""

T = TypeVar("T")


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Go on without output where its reader has gone: a load must not stop for that."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def use_any_encoding() -> None:
    """Print what the encoding of the output cannot hold as question marks, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def new_console(stderr: bool = False) -> Console:
    """Where things are shown: stdout, or stderr for errors and progress."""
    stream = sys.stderr if stderr else sys.stdout
    return _Console(stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH, soft_wrap=False, highlight=False)


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "step": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        return json.dumps(entry, ensure_ascii=False, default=str)


class _LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, FIELDS, {}).items())
        return f"{record.levelname.lower()}: {record.getMessage().replace('_', ' ')} {fields}".rstrip()


def configure_logging(log_format: str, *, quiet: bool, verbose: bool) -> None:
    """Send the log to stderr: warnings; with `verbose` or as JSON every step; with `quiet` errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _LineFormatter())
    level = logging.INFO if verbose or log_format == "json" else logging.WARNING
    if quiet:
        level = logging.ERROR
    LOGGER.handlers = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(level)


def track(items: Iterable[T], total: int, what: str, quiet: bool) -> Iterator[T]:
    """Pass the items on with a progress bar on stderr; none where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield from items
        return
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=new_console(stderr=True), transient=True) as progress:
        yield from progress.track(items, total=total)


def show_extraction(extraction: Extraction) -> None:
    """The account of each file, its remarks, and the first rejects with their cell addresses."""
    console = new_console()
    console.print(_file_table(extraction))
    for file in extraction.files:
        report = file.report
        for warning in report.warnings:
            console.print(Text(f"warning {warning.code}: {report.data_source}: {warning.detail}", style="yellow"))
        for note in report.notes:
            console.print(Text(f"note: {report.data_source}: {note}", style="dim"))
        for title in report.title_rows:
            console.print(Text(f"title above the header: {report.data_source}: {title}", style="dim"))
        if report.missing_columns:
            console.print(
                Text(f"missing columns: {report.data_source}: {', '.join(report.missing_columns)}", style="dim")
            )
        if report.ignored_columns:
            columns = ", ".join(" ".join(name.split()) for name in report.ignored_columns)
            console.print(Text(f"ignored columns: {report.data_source}: {columns}", style="dim"))
    for item in extraction.passed_over:
        if Path(item.path).suffix.lower() in _WORKBOOKS and item.reason != BEYOND_LIMIT:
            console.print(Text(f"passed over: {item.path}: {item.reason}", style="dim"))
    _show_rejects(console, extraction)


def _file_table(extraction: Extraction) -> Table:
    table = Table(title=f"{extraction.domain.name}: {extraction.workbooks} workbook(s)", title_justify="left")
    table.add_column("workbook", overflow="fold")
    table.add_column("sheet", overflow="fold")
    table.add_column("period")
    for name in ("read", "loaded", "rejected", "skipped"):
        table.add_column(name, justify="right")
    for file in extraction.files:
        report = file.report
        reasons = " ".join(f"{reason} {count}" for reason, count in report.rows_skipped.items() if count)
        table.add_row(
            Text(report.data_source),
            Text(report.sheet),
            f"{report.period:%Y-%m}" if report.period else "-",
            f"{report.rows_read:,}",
            f"{report.rows_loaded:,}",
            Text(f"{report.rows_rejected:,}", style="red" if report.rows_rejected else ""),
            f"{report.skipped:,}" + (f" ({reasons})" if reasons else ""),
        )
    totals = [f"{extraction.total(name):,}" for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped")]
    table.add_section()
    table.add_row("total", "", "", *totals, style="bold")
    return table


def _show_rejects(console: Console, extraction: Extraction) -> None:
    first = list(islice(extraction.rejects, SHOWN_REJECTS))
    if not first:
        return
    more = sum(1 for _ in extraction.rejects) - len(first)
    console.print(Text("Rejects", style="bold red"))
    for reject in first:
        console.print(Text(f"  {_place(reject)}  {reject.column} = {reject.value!r}: {reject.code}: {reject.reason}"))
    if more:
        console.print(Text(f"  and {more:,} more, see rejects.csv and rejects.xlsx"))


def _place(reject: Reject) -> str:
    return f"{reject.data_source} {reject.source_sheet}!{reject.cell}"


def show_statements(statements: Sequence[Statement]) -> None:
    """What execute and `dbt build` would run, a line per statement; the COPYs of one table are summed up."""
    console = new_console()
    table = Table(title="What would run", title_justify="left")
    table.add_column("statement")
    table.add_column("target")
    table.add_column("rows", justify="right")
    summed: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        summed.setdefault((statement.operation, statement.target), []).append(statement)
    for (operation, target), parts in summed.items():
        known = [part.rows for part in parts if part.rows is not None]
        rows = f"{sum(known):,}" if len(known) == len(parts) else "not known without the database"
        times = f" x {len(parts)}" if len(parts) > 1 else ""
        table.add_row(
            operation + times, target, f"at most {rows}" if parts[0].at_most and len(known) == len(parts) else rows
        )
    console.print(table)


def show_plan(plan: Plan, database: str, repeated: Sequence[str]) -> None:
    """Where the plan is, the SHA-256 that names it, that nothing was loaded, and the commands that load.

    `repeated` are the arguments of this run, with which a load reads the workbooks again.
    """
    console = new_console()
    if not plan.ready:
        console.print(Text(f"Plan:     {plan.directory}", style="bold"))
        console.print(Text("The run failed, and nothing was loaded: see the errors below."))
        return
    show_statements(plan.statements)
    console.print(Text(f"Plan:     {plan.directory}", style="bold"))
    console.print(Text(f"Identity: {plan.id}"))
    console.print(Text(f"Database: {database}"))
    console.print(Text("Nothing was loaded. To load exactly this plan:"))
    show_commands(["python", "run.py", "apply", shown_path(plan.directory)], ["dbt", "build"])
    console.print(Text("or to read the workbooks again and load:"))
    show_commands(["python", "run.py", "--execute", *repeated], ["dbt", "build"])


def show_next_apply(directory: Path) -> None:
    """That nothing was loaded, and the command that loads the plan."""
    new_console().print(Text("Nothing was loaded. To load exactly this plan:"))
    show_commands(["python", "run.py", "apply", shown_path(directory)], ["dbt", "build"])


def show_commands(*commands: Sequence[str]) -> None:
    """Commands to type next, one after the other."""
    console = new_console()
    typed = [subprocess.list2cmdline(command) if os.name == "nt" else shlex.join(command) for command in commands]
    for line in typed if os.name == "nt" else [" && ".join(typed)]:
        console.print(Text(f"  {line}", style="bold green"), soft_wrap=True)


def shown_path(path: Path) -> str:
    """A path as a person would type it here: relative where it lies below the working directory."""
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)


def show_database(label: str) -> None:
    """Which database this run uses."""
    new_console().print(Text(f"Database: {label}"))


def show_load(load: "Load", seconds: float) -> None:
    """What was committed, and which workbooks were left out since they are loaded already."""
    console = new_console()
    for file in load.skipped:
        text = (
            f"Skipped:  {file.data_source}: loaded already in batch {file.batch_id} on {file.loaded_at:%Y-%m-%d %H:%M}"
        )
        console.print(Text(text, style="yellow"))
    if load.batch_id is None:
        console.print(Text("Loaded:   nothing, since every workbook is loaded already; --reload loads them again"))
        return
    withdrawn = f"{load.withdrawn:,} keys withdrawn, " if load.withdrawn else ""
    text = (
        f"Loaded:   batch {load.batch_id}, {load.rows:,} rows of {load.files} workbook(s) into {load.table}, "
        f"{withdrawn}{load.rejects:,} rejected, in {seconds:.2f} s"
    )
    console.print(Text(text, style="bold"))


def show_next_build(profile_written: bool, missing: str | None, built: bool) -> None:
    """The command that builds the marts, and what it still needs; `missing` is a variable that only .env holds."""
    console = new_console()
    if not profile_written:
        console.print(Text("profiles.yml is your own and was left alone: see that it names the same database"))
    if built:
        return
    if missing:
        console.print(Text(f"dbt does not read .env: export {missing}, or load with --build"))
    console.print(Text("Next, build the marts:"))
    console.print(Text("  dbt build", style="bold green"))


def show_plan_directory(directory: Path, rejects: int) -> None:
    """Where the plan of a load is, and where its rejects can be mended."""
    console = new_console()
    console.print(Text(f"Plan:     {directory}"))
    if rejects:
        console.print(Text(f"Rejects:  {directory / 'rejects.xlsx'}: mend them there, then load it by --file"))


def show_build(build: "Build") -> None:
    """What dbt did: models and seeds one by one, tests summed up."""
    console = new_console()
    table = Table(title="dbt build", title_justify="left")
    for name in ("node", "kind", "status", "result"):
        table.add_column(name, overflow="fold")
    table.add_column("seconds", justify="right")
    tests = [node for node in build.nodes if node.kind in ("test", "unit_test")]
    for node in build.nodes:
        if node not in tests or node.status not in ("pass", "success"):
            table.add_row(node.name, node.kind, node.status, node.message, f"{node.seconds:.2f}")
    passed = sum(node.status in ("pass", "success") for node in tests)
    table.add_section()
    table.add_row(f"{len(tests)} tests", "", f"{passed} passed", "", f"{sum(t.seconds for t in tests):.2f}")
    console.print(table)


def show_error(error: WorkDataHubError, debug: bool) -> None:
    """What happened and what to do next, on stderr; the traceback with --debug."""
    if _json():
        LOGGER.error(error.code(), extra={FIELDS: {"message": error.message, "next_step": error.next_step}})
    else:
        _print_error(error)
    if debug:
        traceback.print_exception(error)


def _json() -> bool:
    return any(isinstance(handler.formatter, _JsonFormatter) for handler in LOGGER.handlers)


def _print_error(error: WorkDataHubError) -> None:
    console = new_console(stderr=True)
    console.print(Text.assemble(("error: ", "bold red"), error.message), soft_wrap=True)
    console.print(Text.assemble(("  next: ", "bold"), error.next_step), soft_wrap=True)


def show_bug(error: BaseException) -> None:
    """An error that is ours: its traceback, and that it is a bug."""
    traceback.print_exception(error, file=sys.stderr)
    print(
        "error: this is a bug in WorkDataHub. Please report the lines above.",
        file=sys.stderr,
    )


def show_interruption(how: str, notes: Sequence[str]) -> None:
    """That the run was `how` (interrupted, terminated), and what became of its work: the notes of what was going on."""
    show_message(f"{how}: " + ("; ".join(notes) or "what was committed before stays: `python run.py history` lists it"))


def show_documentation(where: str, hint: str = "") -> None:
    """Where the documentation is; at once, since the process may go on serving it."""
    print(f"documentation: {where}" + (f"  ({hint})" if hint else ""), flush=True)


def show_message(message: str) -> None:
    """One line on stderr."""
    print(message, file=sys.stderr)
