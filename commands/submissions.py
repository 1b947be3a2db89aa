"""`missing`, `rejects`, `waive` and `explain`: what a month lacks before it can be closed."""

from datetime import date
from pathlib import Path

import click

from console import options
from console.options import PATH, Session
from extract.files.versions import PeriodRange
from extract.wording import say

_period = click.option(
    "--period", callback=options.period_range, help="Only months of YYYYMM, or of YYYYMM:YYYYMM.  [default: all]"
)
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def _reason(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """A reason in one line."""
    reason = " ".join(value.split())
    if not reason:
        raise click.BadParameter(say("say why, in a few words"))
    return reason


@click.command(short_help="Show who has not reported.")
@_period
@click.option("--fail", is_flag=True, help="End with exit code 1 where a due day is past.")
@_json
@options.common
def missing(session: Session, period: PeriodRange | None, fail: bool, as_json: bool) -> None:
    """Show which companies owe figures of which month (seed expected_submissions) and have not sent them."""
    from console import submissions as views
    from orchestrate import notices
    from orchestrate.warehouse.submissions import submissions

    found = submissions(session.settings, period)
    views.show_missing_json(found) if as_json else session.show(views.show_missing, found)
    if fail and found.error:
        for (month, due_on), companies in found.overdue.items():
            notices.tell(session.settings, notices.missing_notice(f"{month:%Y-%m}", str(due_on), companies))
        raise found.error


@click.command(short_help="Show what became of rejected rows.")
@click.option("--open", "only_open", is_flag=True, help="Only those that are open.")
@_period
@click.option("--xlsx", type=PATH, metavar="FILE", help="List them in a workbook too.")
@_json
@options.common
def rejects(session: Session, only_open: bool, period: PeriodRange | None, xlsx: Path | None, as_json: bool) -> None:
    """Show what became of each rejected row: open, mended, superseded, or waived. As of the last build."""
    from console import rejects as views
    from orchestrate.warehouse.rejects import rejects

    found = rejects(session.settings, period, only_open=only_open, xlsx=xlsx)
    views.show_rejects_json(found) if as_json else session.show(views.show_rejects, found)


@click.command(short_help="Decide to do without rejected rows.")
@click.argument("reject_ids", metavar="REJECT...", nargs=-1, required=True)
@click.option("--reason", required=True, callback=_reason, help="Why the rows are not needed.")
@_json
@options.common
def waive(session: Session, reject_ids: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Waive rejected rows by their ids (see `rejects --open`): who, when and why is kept for good."""
    from console import rejects as views
    from orchestrate.warehouse.rejects import waive_rejects

    done = waive_rejects(reject_ids, reason, session.settings)
    views.show_waived_json(done) if as_json else session.show(views.show_waived, done)


@click.command(short_help="Explain a jump of a company's figures.")
@click.argument("company")
@click.argument("month", callback=options.month)
@click.argument("measure", type=click.Choice(["fund_scale", "return_rate", "plans"]))
@click.option("--reason", required=True, callback=_reason, help="Why the figure is right, and who says so.")
@_json
@options.common
def explain(session: Session, company: str, month: date, measure: str, reason: str, as_json: bool) -> None:
    """Write into the seed explained_jumps why MEASURE of COMPANY jumps in MONTH (YYYY-MM). No database is opened."""
    from console import jumps as views
    from orchestrate.warehouse.jumps import explain

    done = explain(company, month, measure, reason)
    views.show_explained_json(done) if as_json else session.show(views.show_explained, done)
