"""The commands: each reads its flags, calls `orchestrate`, and ends with an exit code (docs/operations.md)."""

import functools
import gc
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from console import terminal as console
from extract.errors.base import ExitCode, WorkDataHubError
from extract.files.discovery import Wish
from extract.files.versions import OnAmbiguous, PeriodRange, parse_period_range
from extract.interruption import Terminated, raise_on_sigterm
from extract.modes import Mode
from extract.settings import Settings, load_settings
from orchestrate import loading
from orchestrate.loading import LoadOptions, RunOptions

DEFAULT_DOMAIN = "trustee_performance"
_PATH = click.Path(path_type=Path)


@dataclass(frozen=True)
class Session:
    """What every command starts with: the settings, and whether only errors are shown."""

    settings: Settings
    quiet: bool


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command has; the command gets a `session` for them."""

    @click.option("--config", type=_PATH, help="The configuration.  [default: config/data_sources.yml]")
    @click.option(
        "--log-format",
        type=click.Choice(["console", "json"]),
        default="console",
        show_default=True,
        help="How the log on stderr looks; json logs every step.",
    )
    @click.option("-v", "--verbose", is_flag=True, help="Log every step.")
    @click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
    @click.option("--debug", is_flag=True, help="Log every step, and show tracebacks of errors.")
    @click.option("--raise-on-error", is_flag=True, help="Show tracebacks of errors.")
    @functools.wraps(command)
    def start(
        *arguments: object,
        config: Path | None,
        log_format: str,
        verbose: bool,
        quiet: bool,
        debug: bool,
        raise_on_error: bool,  # noqa: ARG001  # read by `run`, which shows the error
        **options: object,
    ) -> None:
        console.configure_logging(log_format, quiet=quiet, verbose=verbose or debug)
        settings = load_settings()
        if config:
            settings = settings.model_copy(update={"data_sources_config": config})
        command(*arguments, session=Session(settings, quiet), **options)

    return start


_domain = click.option("--domain", default=DEFAULT_DOMAIN, show_default=True, help="A domain of the configuration.")
_data_dir = click.option("--data-dir", type=_PATH, help="Where workbooks are looked for.  [default: data]")
_lock_timeout = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Seconds to wait for another run to end.",
)
_build = click.option("--build", is_flag=True, help="Run `dbt build` afterwards, in this process.")
_reload = click.option("--reload", is_flag=True, help="Load workbooks also where their content is loaded already.")


def _period_range(_context: click.Context, _option: click.Parameter, value: str | None) -> PeriodRange | None:
    try:
        return parse_period_range(value) if value else None
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@_domain
@click.option("--execute", is_flag=True, help="Load into staging. Without it, nothing is written but the plan.")
@click.option("--diff", is_flag=True, help="Compare the plan with the mart; opens the database for reading.")
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
@click.option("--file", "files", multiple=True, type=_PATH, help="A workbook, wherever it is; repeatable.")
@_data_dir
@click.option("--sheet", help="Name or index (from 0) of the sheet.  [default: from the configuration]")
@click.option(
    "--mode",
    type=click.Choice(["delete_insert", "append", "replace_period"]),
    default="delete_insert",
    show_default=True,
    help="delete_insert restates keys that exist, append refuses them; replace_period restates them and withdraws "
    "those that the workbooks no longer have.",
)
@click.option("--plan-dir", type=_PATH, help="A new or empty directory.  [default: plans/<UTC time>]")
@_build
@_lock_timeout
@_reload
@click.option("--workers", type=click.IntRange(min=1), help="Processes that read workbooks.  [default: one per core]")
@click.pass_context
@_common
def main(  # one parameter per option
    context: click.Context,
    session: Session,
    domain: str,
    execute: bool,
    diff: bool,
    plan_only: bool,
    max_files: int | None,
    period: PeriodRange | None,
    on_ambiguous: str | None,
    files: tuple[Path, ...],
    data_dir: Path | None,
    sheet: str | None,
    mode: Mode,
    plan_dir: Path | None,
    build: bool,
    lock_timeout: float,
    reload: bool,
    workers: int | None,
) -> None:
    """Plan what monthly workbooks would load, or load them (--execute) into the schema staging.

    A plan is a directory of CSV files: the rows that would be loaded, and the rejects with the reasons. Nothing is
    loaded, and no database is opened, without --execute; --diff opens it for reading.
    """
    if context.invoked_subcommand:
        _refuse_options_before(context)
        return
    for flag, given in (("--build", build), ("--reload", reload)):
        if given and not execute:
            raise click.UsageError(f"{flag} needs --execute")
    if diff and execute:
        raise click.UsageError("--diff belongs to a plan: leave --execute out, then load the plan by `apply`")
    if files and (period or on_ambiguous):
        raise click.UsageError("--file names the workbooks, so --period and --on-ambiguous have no say")
    if plan_only and not session.quiet:
        console.show_message(
            "warning: --plan-only is deprecated; " + ("--execute wins" if execute else "a plan is the default")
        )
    options = RunOptions(
        domain=domain,
        execute=execute,
        diff=diff,
        wish=Wish(max_files, period, OnAmbiguous(on_ambiguous) if on_ambiguous else None),
        files=files,
        sheet=sheet,
        mode=mode,
        plan_dir=plan_dir,
        workers=workers or os.cpu_count() or 1,
        load=LoadOptions(lock_timeout, reload, build, session.quiet),
    )
    loading.plan_or_load(options, _with_data_dir(session.settings, data_dir))


def _refuse_options_before(context: click.Context) -> None:
    """An option before a subcommand would have no effect."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = name.replace("_", "-")
            raise click.UsageError(f"--{option} stands before {context.invoked_subcommand}: put options behind it")


def _with_data_dir(settings: Settings, data_dir: Path | None) -> Settings:
    return settings.model_copy(update={"data_base_dir": data_dir.absolute()}) if data_dir else settings


@main.command(short_help="Load exactly a reviewed plan.")
@click.argument("plan", type=_PATH)
@click.option("--diff", is_flag=True, help="Compare the plan with the mart, and load nothing.")
@click.option("--allow-changed-sources", is_flag=True, help="Load also where workbooks have changed or are gone.")
@_data_dir
@_build
@_lock_timeout
@_reload
@_common
def apply(
    plan: Path,
    session: Session,
    diff: bool,
    allow_changed_sources: bool,
    data_dir: Path | None,
    build: bool,
    lock_timeout: float,
    reload: bool,
) -> None:
    """Load exactly the rows of a reviewed PLAN, a directory that `python run.py` wrote."""
    if diff and build:
        raise click.UsageError("--diff loads nothing, so there is nothing to --build")
    options = LoadOptions(lock_timeout, reload, build, session.quiet)
    settings = _with_data_dir(session.settings, data_dir)
    loading.apply(plan, settings, diff=diff, allow_changed_sources=allow_changed_sources, options=options)


@main.command(short_help="Show what was loaded.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show the last N batches.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@_common
def history(session: Session, limit: int, as_json: bool) -> None:
    """Show what was loaded: batches, newest first, and their workbooks."""
    loading.history(session.settings, limit=limit, as_json=as_json)


@main.command(short_help="Take a load out again.")
@click.argument("batch", type=click.IntRange(min=1))
@_build
@_lock_timeout
@_common
def undo(session: Session, batch: int, build: bool, lock_timeout: float) -> None:
    """Take a BATCH out again: its keys get the version that counted before. Nothing is deleted."""
    loading.undo(batch, session.settings, LoadOptions(lock_timeout, reload=False, build=build, quiet=session.quiet))


@main.command(short_help="Remove replaced versions from staging.")
@_domain
@click.option("--keep-batches", type=click.IntRange(min=1), required=True, help="Keep every version of the last N.")
@click.option("--execute", is_flag=True, help="Remove them. Without it, they are only counted.")
@_lock_timeout
@_common
def prune(session: Session, domain: str, keep_batches: int, execute: bool, lock_timeout: float) -> None:
    """Remove replaced versions of old batches from staging, once the history mart holds them."""
    options = LoadOptions(lock_timeout, reload=False, build=False, quiet=session.quiet)
    loading.prune(domain, session.settings, keep_batches=keep_batches, execute=execute, options=options)


@main.command(short_help="Make an empty database a ready warehouse.")
@click.option("--quick", is_flag=True, help="Only the seeds and the foundation; validation is partial.")
@click.option("--dry-run", is_flag=True, help="List what would run, and touch nothing.")
@click.option("--reset", is_flag=True, help="First remove what the project built before; staging stays.")
@click.option("--cascade", is_flag=True, help="Also drop views and foreign keys of others that depend on it.")
@click.option("--allow-protected", is_flag=True, help="With --reset: also for a protected target.")
@click.option("--warnings-as-errors", is_flag=True, help="End with exit code 1 where there are warnings.")
@click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0.1),
    help="Seconds to wait for a table that another session holds.  [default: WDH_DATABASE__LOCK_TIMEOUT, 10]",
)
@_common
def setup(session: Session, **flags: Any) -> None:
    """Make an empty database a ready, validated warehouse; safe to repeat."""
    from orchestrate.warehouse.setup import SetupOptions, setup

    setup(SetupOptions(**flags, quiet=session.quiet), session.settings)


@main.command(short_help="Show what state the warehouse is in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@_common
def status(session: Session, as_json: bool) -> None:
    """Show what state the warehouse is in: empty, incomplete, stale or ready. Writes nothing."""
    from orchestrate.warehouse.status import status

    status(session.settings, as_json=as_json, quiet=session.quiet)


@main.command(short_help="Remove what the dbt project built.")
@click.option("--yes", is_flag=True, help="Remove it. Without it, it is only shown.")
@click.option("--cascade", is_flag=True, help="Also drop views and foreign keys of others that depend on it.")
@click.option("--include-staging", is_flag=True, help="Also the loaded rows and the ledger.")
@click.option("--allow-protected", is_flag=True, help="Also for a protected target.")
@_common
def reset(session: Session, **flags: Any) -> None:
    """Remove what the dbt project built from the database; show it without --yes."""
    from orchestrate.warehouse.reset import ResetOptions, reset

    reset(ResetOptions(**flags, quiet=session.quiet), session.settings)


@main.command(short_help="Show what a setup did.")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@_common
def report(session: Session, run_id: str | None, as_json: bool) -> None:
    """Show what a RUN of setup did, the last one by default."""
    from orchestrate.warehouse.report import report

    report(run_id, as_json=as_json, quiet=session.quiet)


@main.command(short_help="Show the documentation of the warehouse.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option("--no-serve", is_flag=True, help="Only write the page.")
@_common
def docs(session: Session, port: int, no_serve: bool) -> None:
    """Generate the documentation of the warehouse and show it on this machine only."""
    from orchestrate.dbt.docs import show_docs  # it takes dbt with it

    show_docs(session.settings, port=port, serve=not no_serve, quiet=session.quiet)


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
