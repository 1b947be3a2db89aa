"""`trace`: where a figure comes from."""

from datetime import date
from pathlib import Path

import click

from console import options
from console.options import Session
from extract.wording import say

_MARTS = ("plan_monthly_performance",)


@click.command(short_help="Show where a figure comes from.")
@click.argument("plan_code")
@click.argument("month", callback=options.month)
@click.option("--company", help="Only of this company.")
@click.option(
    "--mart", type=click.Choice(_MARTS), help="The mart of a derived figure.  [default: plan_monthly_performance]"
)
@click.option("--column", help="A derived figure, such as ytd_return: show what it is made of too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@options.domain
@options.data_dir
@options.common
def trace(
    session: Session,
    plan_code: str,
    month: date,
    company: str | None,
    mart: str | None,
    column: str | None,
    as_json: bool,
    domain: str,
    data_dir: Path | None,
) -> None:
    """Show every version of the figures of PLAN_CODE in MONTH (YYYY-MM), newest first, down to the cell.

    Workbooks are read again for the cells, where they still are what was loaded.
    """
    from console import figures as views
    from extract.staging.derived import MADE_OF
    from orchestrate.tracing import Figure, trace

    if mart and not column:
        raise click.UsageError(say("--mart needs the --column of the figure"))
    if column and column not in MADE_OF:
        raise click.BadParameter(
            say("{column} is none of {columns}", column=column, columns=", ".join(MADE_OF)), param_hint="--column"
        )
    found = trace(Figure(domain, plan_code, month, company, column), session.reading(data_dir))
    views.show_trace_json(found) if as_json else session.show(views.show_trace, found)
