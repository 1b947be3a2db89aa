"""`apply`: what loads a plan, and the build behind a load."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.notices import failures_told, tell_of_load
from console import options
from console.options import Session
from console.places import PLACE
from extract.guards import GUARDS_OF_A_PLAN
from extract.wording import say

if TYPE_CHECKING:
    from extract.database.connection import Target


def build_marts(target: "Target", session: Session, lock_timeout: float) -> None:
    """Run `dbt build` on a target that was loaded, and show what came of it. Raises the errors of a build."""
    from console.loads import show_build
    from orchestrate import notices
    from orchestrate.dbt.importing import import_dbt

    build, settings = import_dbt().build, session.settings
    done = build(target, settings.dbt_project, settings.database_uri, lock_timeout=lock_timeout)
    session.show(show_build, done)
    notices.tell(settings, notices.build_notice(done))


@click.command(short_help="Load exactly a reviewed plan.")
@click.argument("plan", type=PLACE)
@click.option("--id", "expected_id", metavar="SHA256", callback=options.plan_id, help="Refuse any other plan.")
@click.option("--diff", is_flag=True, help="Compare the plan with the mart, and load nothing.")
@click.option("--allow-changed-sources", is_flag=True, help="Load also where workbooks have changed or are gone.")
@options.data_place
@options.build
@options.lock_timeout
@options.reload
@options.reopen
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    type=click.Choice(sorted(GUARDS_OF_A_PLAN)),
    help="Let a guard pass. " + "; ".join(f"{code}: {what}" for code, what in GUARDS_OF_A_PLAN.items()) + ".",
)
@options.common
def apply(
    plan: Path | str,
    session: Session,
    expected_id: str | None,
    diff: bool,
    allow_changed_sources: bool,
    data_dir: Path | str | None,
    build: bool,
    lock_timeout: float,
    reload: bool,
    reopen: str | None,
    accepted: tuple[str, ...],
) -> None:
    """Load exactly the rows of a reviewed PLAN, a directory that `python run.py` wrote, or its URL."""
    if diff and build:
        raise click.UsageError(say("--diff loads nothing, so there is nothing to --build"))
    from console.loads import LoadView
    from console.plans import show_compared
    from extract.observer import Silent
    from orchestrate import applying
    from orchestrate.options import LoadOptions, PlanChecks

    settings = session.reading(data_dir)
    data_url = data_dir if isinstance(data_dir, str) else None
    checks = PlanChecks(expected_id, allow_changed_sources, frozenset(accepted), data_url)
    if diff:
        compared = applying.compare_plan(plan, settings, checks)
        session.show(show_compared, compared)
        return
    load = LoadOptions(lock_timeout, reload, reopen)
    observer = Silent() if session.quiet else LoadView(build=build)
    with failures_told(session):
        done = applying.apply(plan, settings, checks, load, observer)
        tell_of_load(done, session)
        if build:
            build_marts(done.target, session, lock_timeout)
