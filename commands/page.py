"""`page` and `month`: what people read of a month, and the way to it in one command."""

from pathlib import Path

import click

from commands.loads import build_marts
from console import options
from console.options import PATH, Session
from extract.errors.base import WorkDataHubError
from extract.files.versions import PeriodRange
from extract.observer import Silent

period = click.option(
    "--period",
    callback=options.period_range,
    help="A month such as 2024-11, or months such as 2024-01:2024-12 for its history.  [default: the newest]",
)
opened = click.option("--open", "opening", is_flag=True, help="Open it in the browser.")


@click.command(short_help="Write the page of a month.")
@period
@click.option(
    "--to", "path", type=PATH, metavar="FILE.html", help="Where it is written.  [default: pages/YYYY-MM.html]"
)
@opened
@options.common
@click.pass_context
def page(
    context: click.Context, session: Session, period: PeriodRange | None, path: Path | None, opening: bool
) -> None:
    """Write the page of a month: who reported, what became of the rows, jumps, returns, tests. One file, no network."""
    from console.page import open_page, show_page
    from orchestrate.page.writing import write_page

    done = write_page(session.settings, period, path, _commands(context))
    session.show(show_page, done)
    if opening:
        open_page(done)


@click.command(short_help="Load a month, build, and write its page and export.")
@click.argument("month", callback=options.one_month)
@click.option("--plan", type=PATH, help="Load exactly this reviewed plan instead of the workbooks of the month.")
@options.domain
@options.data_dir
@options.lock_timeout
@opened
@options.common
@click.pass_context
def month(
    context: click.Context,
    session: Session,
    month: PeriodRange,
    plan: Path | None,
    domain: str | None,
    data_dir: Path | None,
    lock_timeout: float,
    opening: bool,
) -> None:
    """Load what is new of a MONTH such as 2024-11 (or a plan), build the marts, and write the page and the export.

    Where the build fails, a month that was published before keeps its figures, and its page tells which tests failed.
    """
    from console.export import show_exported
    from console.loads import LoadView
    from console.page import open_page, show_page
    from orchestrate.month import load_month
    from orchestrate.page.writing import write_page
    from orchestrate.warehouse.export import export

    settings = session.reading(data_dir)
    observer = Silent() if session.quiet else LoadView(build=True)
    target = load_month(month, plan, domain, settings, lock_timeout, observer)
    failed: WorkDataHubError | None = None
    try:
        build_marts(target, session, lock_timeout)
    except WorkDataHubError as error:
        failed = error
    try:
        done = write_page(settings, month, None, _commands(context))
        session.show(show_page, done)
        session.show(show_exported, export(settings, done.path.with_suffix(".xlsx"), month, ()))
    except WorkDataHubError:
        if failed is None:
            raise
    if failed:
        raise failed
    if opening:
        open_page(done)


def _commands(context: click.Context) -> frozenset[str]:
    """The names of all commands of this program."""
    root = context.find_root().command
    return frozenset(root.commands) if isinstance(root, click.Group) else frozenset()
