"""The commands: each reads its flags, calls `orchestrate`, hands the result to `console`, and ends with an exit code.

The exit codes stand in docs/operations.md.
"""

import gc

gc.disable()  # what is imported lives as long as the process: keep the garbage collector off it

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import failures, options, terminal
from console.ledger import show_history, show_history_json, show_pruned, show_repaired, show_undone
from console.loads import LoadView, show_build
from console.options import PATH, Session
from console.plans import show_compared, show_planned
from extract.errors.base import ExitCode
from extract.files.discovery import Wish
from extract.files.versions import OnAmbiguous, PeriodRange
from extract.interruption import raise_on_sigterm
from extract.modes import Mode
from extract.observer import Silent
from extract.settings import ROOT
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, PlanChecks, RunOptions
from orchestrate.results import Planned

gc.enable()
gc.freeze()

if TYPE_CHECKING:
    from extract.database.connection import Target


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@options.main
@click.pass_context
@options.common
def main(
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
    accepted: tuple[str, ...],
) -> None:
    """Plan what monthly workbooks would load, or load them (--execute) into the schema staging.

    A plan is a directory of CSV files: the rows that would be loaded, and the rejects with the reasons. Nothing is
    loaded, and no database is opened, without --execute; --diff opens it for reading.
    """
    if context.invoked_subcommand:
        options.refuse_options_before(context)
        return
    options.refuse_contradictions(context.params)
    if plan_only and not session.quiet:
        terminal.show_message(
            "warning: --plan-only is deprecated; " + ("--execute wins" if execute else "a plan is the default")
        )
    asked = RunOptions(
        domain=domain,
        execute=execute,
        diff=diff,
        wish=Wish(max_files, period, OnAmbiguous(on_ambiguous) if on_ambiguous else None),
        files=files,
        sheet=sheet,
        mode=mode,
        plan_dir=plan_dir,
        workers=workers or os.cpu_count() or 1,
        accepted=frozenset(accepted),
        load=LoadOptions(lock_timeout, reload),
        build=build,
    )
    observer = Silent() if session.quiet else LoadView(build=build)
    done = plan_or_load(asked, session.reading(data_dir), observer)
    if isinstance(done, Planned):
        session.show(show_planned, done)
        failures.raise_last(done.errors)
    elif build:
        _build(done.target, session, lock_timeout)


def _build(target: "Target", session: Session, lock_timeout: float) -> None:
    from orchestrate.dbt.importing import import_dbt

    build = import_dbt().build
    session.show(show_build, build(target, ROOT, session.settings.database_uri, lock_timeout=lock_timeout))


@main.command(short_help="Load exactly a reviewed plan.")
@click.argument("plan", type=PATH)
@click.option("--id", "expected_id", metavar="SHA256", callback=options.plan_id, help="Refuse any other plan.")
@click.option("--diff", is_flag=True, help="Compare the plan with the mart, and load nothing.")
@click.option("--allow-changed-sources", is_flag=True, help="Load also where workbooks have changed or are gone.")
@options.data_dir
@options.build
@options.lock_timeout
@options.reload
@options.common
def apply(
    plan: Path,
    session: Session,
    expected_id: str | None,
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
    from orchestrate import applying

    settings, checks = session.reading(data_dir), PlanChecks(expected_id, allow_changed_sources)
    if diff:
        compared = applying.compare_plan(plan, settings, checks)
        session.show(show_compared, compared)
        return
    load = LoadOptions(lock_timeout, reload)
    observer = Silent() if session.quiet else LoadView(build=build)
    done = applying.apply(plan, settings, checks, load, observer)
    if build:
        _build(done.target, session, lock_timeout)


@main.command(short_help="Show what was loaded.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show the last N batches.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def history(session: Session, limit: int, as_json: bool) -> None:
    """Show what was loaded: batches, newest first, and their workbooks."""
    from orchestrate import ledger

    found = ledger.history(session.settings, limit=limit)
    (show_history_json if as_json else show_history)(found)


@main.command(short_help="Take a load out again.")
@click.argument("batch", type=click.IntRange(min=1))
@options.build
@options.lock_timeout
@options.common
def undo(session: Session, batch: int, build: bool, lock_timeout: float) -> None:
    """Take a BATCH out again: its keys get the version that counted before. Nothing is deleted."""
    from orchestrate import ledger

    done = ledger.undo(batch, session.settings, lock_timeout=lock_timeout)
    session.show(partial(show_undone, built=build), done)
    if build:
        _build(done.target, session, lock_timeout)


@main.command(short_help="Remove replaced versions from staging.")
@options.domain
@click.option("--keep-batches", type=click.IntRange(min=1), required=True, help="Keep every version of the last N.")
@click.option("--execute", is_flag=True, help="Remove them. Without it, they are only counted.")
@options.lock_timeout
@options.common
def prune(session: Session, domain: str, keep_batches: int, execute: bool, lock_timeout: float) -> None:
    """Remove replaced versions of old batches from staging, once the history mart holds them."""
    from orchestrate import ledger

    done = ledger.prune(domain, session.settings, keep_batches=keep_batches, execute=execute, lock_timeout=lock_timeout)
    session.show(show_pruned, done)


@main.group(short_help="Mend what no build mends.")
def repair() -> None:
    """Mend what no build mends."""


@repair.command("history", short_help="Make the history marts again.")
@click.option("--yes", is_flag=True, help="Change them. Without it, what would change is only shown.")
@options.lock_timeout
@options.common
def repair_history(session: Session, yes: bool, lock_timeout: float) -> None:
    """Make the history marts again from what staging holds, and keep the versions that only they hold."""
    from orchestrate import ledger

    session.show(show_repaired, ledger.repair_history(session.settings, execute=yes, lock_timeout=lock_timeout))


@main.command("domain-sql", short_help="Print what dbt must know of a domain.")
@click.argument("name")
@options.common
def domain_sql(session: Session, name: str) -> None:
    """Print source, staging view and contract of the domain NAME, from its model."""
    from console.domain_files import show_domain_files
    from orchestrate.dbt.domain_files import domain_files

    session.show(show_domain_files, domain_files(name, session.settings))


@main.command(short_help="Make an empty database a ready warehouse.")
@options.setup
@options.common
def setup(session: Session, **flags: Any) -> None:
    """Make an empty database a ready, validated warehouse; safe to repeat."""
    from console import setup as views
    from orchestrate.warehouse.preparation import SetupOptions
    from orchestrate.warehouse.setup import plan_setup, setup

    options.refuse_beside_staging(flags)
    asked = SetupOptions(**flags)
    if asked.dry_run:
        session.show(views.show_setup_plan, plan_setup(asked, session.settings))
        return
    done = setup(asked, session.settings, Silent() if session.quiet else views.SetupView())
    (views.show_record if session.quiet else views.show_setup)(done)
    if done.error:
        raise done.error


@main.command(short_help="Show what state the warehouse is in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def status(session: Session, as_json: bool) -> None:
    """Show what state the warehouse is in: empty, incomplete, stale or ready. Writes nothing."""
    from console import status as views
    from orchestrate.warehouse.status import status

    found = status(session.settings)
    views.show_status_json(found) if as_json else session.show(views.show_status, found)
    if found.error:
        raise found.error


@main.command(short_help="Remove what the dbt project built.")
@options.reset
@options.common
def reset(session: Session, **flags: Any) -> None:
    """Remove what the dbt project built from the database; show it without --yes."""
    from console.reset import show_reset
    from orchestrate.warehouse.reset import ResetOptions, reset

    session.show(show_reset, reset(ResetOptions(**flags), session.settings))


@main.command(short_help="Show what a setup did.")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def report(session: Session, run_id: str | None, as_json: bool) -> None:
    """Show what a RUN of setup did, the last one by default."""
    from console import report as views
    from orchestrate.warehouse.report import report

    found = report(run_id)
    views.show_report_json(found) if as_json else session.show(views.show_report, found)


@main.command(short_help="Show the documentation of the warehouse.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes any free one.")
@click.option("--no-serve", is_flag=True, help="Only write the page.")
@options.common
def docs(session: Session, port: int, no_serve: bool) -> None:
    """Generate the documentation of the warehouse and show it on this machine only."""
    from console.docs import show_documentation
    from orchestrate.dbt.docs import documentation, listening  # they take dbt with them

    page = documentation(session.settings)
    if not no_serve:
        with listening(page, port) as site:
            show_documentation(site.address, "Ctrl-C ends it")
            site.serve()
    else:
        session.show(show_documentation, str(page))


def run() -> ExitCode | int:
    """Run the command and turn every outcome into its exit code."""
    raise_on_sigterm()
    terminal.use_any_encoding()
    debug = "--debug" in sys.argv or "--raise-on-error" in sys.argv
    return failures.exit_code_of(partial(main, standalone_mode=False), debug=debug)


if __name__ == "__main__":
    sys.exit(run())
