"""Plan or load monthly workbooks: the commands. Reads flags, calls the library, hands results to the console."""

import gc
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from extract import console
from extract.config import DataSources, load_data_sources, load_passwords
from extract.discovery import Discovered, Wish, discover, named_files
from extract.domain import Domain, load_domain
from extract.errors import DataError, ExitCode, WorkDataHubError
from extract.interruption import Terminated, raise_on_sigterm
from extract.pipeline import Extraction, extracting, gather
from extract.plan import check_directory, default_directory, write_plan
from extract.settings import ROOT, Settings, load_settings
from extract.statements import Mode
from extract.steps import timed_step
from extract.validation import ReadOptions
from extract.versions import OnAmbiguous, PeriodRange, parse_period_range


@dataclass(frozen=True)
class Options:
    """The flags of the main command."""

    domain: str
    execute: bool
    wish: Wish
    files: tuple[Path, ...]
    sheet: str | None
    mode: Mode
    plan_dir: Path | None
    build: bool
    lock_timeout: float
    workers: int
    quiet: bool


def _period_range(_context: click.Context, _option: click.Parameter, value: str | None) -> PeriodRange | None:
    try:
        return parse_period_range(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--domain", default="trustee_performance", show_default=True, help="A domain of the configuration.")
@click.option("--execute", is_flag=True, help="Load into staging. Without it, nothing is written but the plan.")
@click.option("--plan-only", is_flag=True, help="Deprecated: a plan is the default. --execute wins over it.")
@click.option(
    "--max-files",
    type=click.IntRange(min=1),
    help="At most N of the discovered files, newest first.  [default: 1]",
)
@click.option("--period", callback=_period_range, help="Only files of YYYYMM, or of YYYYMM:YYYYMM.")
@click.option(
    "--on-ambiguous",
    type=click.Choice([choice.value for choice in OnAmbiguous]),
    help="Which of several files of one period to take where nothing tells them apart.",
)
@click.option("--file", "files", multiple=True, type=click.Path(path_type=Path), help="A workbook; repeatable.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where discovery looks.  [default: data]")
@click.option(
    "--config", type=click.Path(path_type=Path), help="The configuration.  [default: config/data_sources.yml]"
)
@click.option("--sheet", help="Name or index (from 0) of the sheet.  [default: from the configuration]")
@click.option("--mode", type=click.Choice(["delete_insert", "append"]), default="delete_insert", show_default=True,
              help="append refuses keys that staging already holds.")  # fmt: skip
@click.option(
    "--plan-dir",
    type=click.Path(path_type=Path),
    help="A new or empty directory.  [default: plans/<UTC time>]",
)
@click.option("--build", is_flag=True, help="With --execute: run `dbt build` afterwards, in this process.")
@click.option("--lock-timeout", type=click.FloatRange(min=0), default=0, show_default=True,
              help="Seconds to wait for another load to end.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read workbooks.  [default: one per core]")
@click.option("--log-format", type=click.Choice(["console", "json"]), default="console", show_default=True)
@click.option("-v", "--verbose", is_flag=True, help="Log every step.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("--debug", is_flag=True, help="Log every step, and show tracebacks of errors.")
@click.option("--raise-on-error", is_flag=True, help="Show tracebacks of errors.")
def main(  # one parameter per option
    domain: str,
    execute: bool,
    plan_only: bool,
    max_files: int | None,
    period: PeriodRange | None,
    on_ambiguous: str | None,
    files: tuple[Path, ...],
    data_dir: Path | None,
    config: Path | None,
    sheet: str | None,
    mode: Mode,
    plan_dir: Path | None,
    build: bool,
    lock_timeout: float,
    workers: int | None,
    log_format: str,
    verbose: bool,
    quiet: bool,
    debug: bool,
    raise_on_error: bool,  # noqa: ARG001  # read by `run`, which shows the error
) -> None:
    """Plan what monthly workbooks would load, or load them (--execute) into the staging schema.

    A plan is a directory of CSV files: the rows that would be loaded, and the rejects with the reasons. Nothing is
    loaded, and no database is opened, without --execute.
    """
    console.configure_logging(log_format, quiet=quiet, verbose=verbose or debug)
    settings = load_settings()
    if build and not execute:
        raise click.UsageError("--build needs --execute")
    if files and (period or on_ambiguous):
        raise click.UsageError("--file names the workbooks, so --period and --on-ambiguous have no say")
    if plan_only and not quiet:
        console.show_message(
            "warning: --plan-only is deprecated; " + ("--execute wins" if execute else "a plan is the default")
        )
    if data_dir or config:
        settings = settings.model_copy(
            update={"data_base_dir": data_dir or settings.data_base_dir,
                    "data_sources_config": config or settings.data_sources_config}
        )  # fmt: skip
    options = Options(
        domain=domain,
        execute=execute,
        wish=Wish(max_files, period, OnAmbiguous(on_ambiguous) if on_ambiguous else None),
        files=files,
        sheet=sheet,
        mode=mode,
        plan_dir=plan_dir,
        build=build,
        lock_timeout=lock_timeout,
        workers=workers or os.cpu_count() or 1,
        quiet=quiet,
    )
    plan_or_load(options, settings)


def plan_or_load(options: Options, settings: Settings) -> None:
    """The main command: find the workbooks, read them, then write a plan or load."""
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, options.domain, settings.data_sources_config)
    if options.plan_dir:
        check_directory(options.plan_dir)
    try:
        found = _find(options, settings, sources, domain)
    except DataError as error:  # a failed run writes its plan too
        with gather((), domain) as nothing:
            nothing.errors.append(error)
            _plan(nothing, options, settings)
        raise
    read_options = ReadOptions(
        sheet=options.sheet,
        passwords=load_passwords(sources, settings.data_sources_config),
        password=settings.workbook_password.get_secret_value() if settings.workbook_password else None,
        limits=sources.limits,
    )
    with _extract(found, domain, options, read_options) as extraction:
        if not options.quiet:
            console.show_extraction(extraction)
        if options.execute and not extraction.errors:
            _load(extraction, options, settings)
        else:
            _plan(extraction, options, settings)
        for failure in extraction.errors[:-1]:
            console.show_error(failure, debug=False)
        if extraction.errors:
            raise extraction.errors[-1]


def _find(options: Options, settings: Settings, sources: DataSources, domain: Domain) -> Discovered:
    with timed_step("discovered", domain=domain.name) as fields:
        if options.files:
            found = named_files(options.files, settings.data_base_dir, domain.config)
        else:
            found = discover(settings.data_base_dir, domain.config, sources.discovery, options.wish)
        fields |= {"files": len(found.files), "passed_over": len(found.passed_over)}
    return found


def _extract(found: Discovered, domain: Domain, options: Options, read_options: ReadOptions) -> Extraction:
    with (
        timed_step("extracted", domain=domain.name) as fields,
        extracting(found.files, domain, date.today(), read_options, options.workers) as outcomes,  # noqa: DTZ011  # the calendar of the user
    ):
        tracked = console.track(outcomes, len(found.files), "reading workbooks", options.quiet)
        extraction = gather(tracked, domain)
        extraction.passed_over = found.passed_over
        for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped"):
            fields[name] = extraction.total(name)
    return extraction


def _plan(extraction: Extraction, options: Options, settings: Settings) -> None:
    directory = options.plan_dir or default_directory(ROOT)
    with timed_step("planned", directory=str(directory), mode=options.mode):
        plan = write_plan(extraction, options.mode, directory)
    if not options.quiet:
        console.show_plan(plan, _target_name(settings), ["python", "run.py", "--execute", *_repeated_arguments()])


def _load(extraction: Extraction, options: Options, settings: Settings) -> None:
    # imported here, since a plan must not load any database module
    from extract.database import server_target
    from extract.embedded import start_embedded
    from extract.staging import load
    from orchestrate.profile import password_variable, write_profile

    started = time.perf_counter()
    if settings.database is None:
        target = replace(start_embedded(ROOT), timeouts=settings.timeouts)
    else:
        target = server_target(settings.database)
    if not options.quiet:
        console.show_database(target.label)
    with timed_step("loaded", mode=options.mode) as fields:
        done = load(extraction, options.mode, target, options.lock_timeout)
        fields |= {"batch_id": done.batch_id, "table": done.table, "rows": done.rows, "rejects": done.rejects}
    if not options.quiet:
        console.show_load(done, time.perf_counter() - started)
    uri = settings.database.uri.get_secret_value() if settings.database and settings.database.uri else None
    profile_written = write_profile(target, ROOT, uri)
    if not options.quiet:
        variable = password_variable(target, uri)
        missing = variable if variable and variable not in os.environ else None
        console.show_next_build(profile_written, missing, options.build)
    if options.plan_dir or done.rejects:
        directory = options.plan_dir or default_directory(ROOT)
        write_plan(extraction, options.mode, directory)
        if not options.quiet:
            console.show_plan_directory(directory, done.rejects)
    if options.build:
        from orchestrate.build import build

        outcome = build(target, ROOT, uri)
        if not options.quiet:
            console.show_build(outcome)


def _target_name(settings: Settings) -> str:
    """The database that --execute would use, named without a database module and without the password."""
    database = settings.database
    if database is None:
        return "the embedded PostgreSQL in .wdh/postgres"
    if database.uri:
        return "the server of WDH_DATABASE__URI"
    return f"{database.user}@{database.host}:{database.port}/{database.db}"


def _repeated_arguments() -> list[str]:
    """The arguments of this run that a load of the same rows needs too."""
    arguments = iter(sys.argv[1:])
    kept = []
    for argument in arguments:
        if argument == "--plan-dir":
            next(arguments, None)
        elif not argument.startswith("--plan-dir=") and argument not in ("--plan-only", "--execute"):
            kept.append(argument)
    return kept


def run() -> ExitCode | int:
    """Run the command and turn every outcome into its exit code."""
    raise_on_sigterm()
    gc.freeze()  # the imported modules live as long as the process: keep the garbage collector off them
    console.use_any_encoding()
    debug = "--debug" in sys.argv or "--raise-on-error" in sys.argv
    try:
        main(standalone_mode=False)
    except WorkDataHubError as error:
        console.show_error(error, debug)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort) as error:
        interruption = error.__cause__ if isinstance(error, click.Abort) else error
        terminated = isinstance(interruption, Terminated)
        notes = getattr(interruption, "__notes__", [])
        console.show_interruption("terminated" if terminated else "interrupted", notes)
        return ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a bug and gets its exit code
        console.show_bug(error)
        return ExitCode.BUG
    return ExitCode.OK


if __name__ == "__main__":
    sys.exit(run())
