"""`history`, `undo`, `prune` and `repair`: what was loaded, and taking it out again."""

from functools import partial

import click

from commands.loads import build_marts
from commands.notices import failures_told
from console import options
from console.options import Session


@click.command(short_help="Show what was loaded.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show the last N batches.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.common
def history(session: Session, limit: int, as_json: bool) -> None:
    """Show what was loaded: batches, newest first, and their workbooks."""
    from console import ledger as views
    from orchestrate import ledger

    found = ledger.history(session.settings, limit=limit)
    (views.show_history_json if as_json else views.show_history)(found)


@click.command(short_help="Take a load out again.")
@click.argument("batch", type=click.IntRange(min=1))
@options.build
@options.lock_timeout
@options.reopen
@options.common
def undo(session: Session, batch: int, build: bool, lock_timeout: float, reopen: str | None) -> None:
    """Take a BATCH out again: its keys get the version that counted before. Nothing is deleted."""
    from console import ledger as views
    from orchestrate import ledger

    done = ledger.undo(batch, session.settings, lock_timeout=lock_timeout, reopen=reopen)
    session.show(partial(views.show_undone, built=build), done)
    if build:
        with failures_told(session):
            build_marts(done.target, session, lock_timeout)


@click.command(short_help="Remove replaced versions from staging.")
@options.domain
@click.option("--keep-batches", type=click.IntRange(min=1), required=True, help="Keep every version of the last N.")
@click.option("--execute", is_flag=True, help="Remove them. Without it, they are only counted.")
@options.lock_timeout
@options.common
def prune(session: Session, domain: str | None, keep_batches: int, execute: bool, lock_timeout: float) -> None:
    """Remove replaced versions of old batches from staging, once the history mart holds them."""
    from console import ledger as views
    from orchestrate import ledger

    done = ledger.prune(domain, session.settings, keep_batches=keep_batches, execute=execute, lock_timeout=lock_timeout)
    session.show(views.show_pruned, done)


@click.group(short_help="Mend what no build mends.")
def repair() -> None:
    """Mend what no build mends."""


@repair.command("history", short_help="Make the history marts again.")
@click.option("--yes", is_flag=True, help="Change them. Without it, what would change is only shown.")
@options.lock_timeout
@options.common
def repair_history(session: Session, yes: bool, lock_timeout: float) -> None:
    """Make the history marts again from what staging holds, and keep the versions that only they hold."""
    from console import ledger as views
    from orchestrate import ledger

    session.show(views.show_repaired, ledger.repair_history(session.settings, execute=yes, lock_timeout=lock_timeout))
