"""What a person sees of a plan's months against the months before: the companies that changed most come first."""

from collections.abc import Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from console.terminal import new_console
from extract.plan.month_before import DOUBTFUL, REMARKABLE, CompanyMonth, Figure, MonthBefore
from extract.wording import again, say
from extract.words import word

SHOWN = 10
_LIMITS = ((DOUBTFUL, "bold red"), (REMARKABLE, "yellow"))


def show_month_before(month_before: MonthBefore) -> None:
    """Keys, sums and medians before and now with their factor, for the companies with the largest; and who is gone."""
    console = new_console()
    if month_before.why_not:
        text = say("Not compared with the month before: {reason}", reason=again(month_before.why_not))
        console.print(Text(text))
        return
    compared = [item for item in month_before.companies if item.keys_before]
    if new := len(month_before.companies) - len(compared):
        number = len(month_before.companies)
        text = say("{new:,} of {all:,} months of companies have no month before", new=new, all=number)
        console.print(Text(text))
    compared.sort(key=lambda item: (-item.largest, item.period, item.company))
    if compared:
        console.print(_table(compared[:SHOWN]))
    if len(compared) > SHOWN:
        text = say("and {more:,} more by smaller factors: plan.json has all", more=len(compared) - SHOWN)
        console.print(Text(text))
    moved = [item for item in compared if item.missing or item.new]
    for item in sorted(moved, key=lambda item: -item.missing)[:SHOWN]:
        where = f"{item.period:%Y-%m} {' '.join(item.company)}"
        if item.missing:
            keys = _some(item.missing_keys, item.missing)
            console.print(Text(say("  missing  {where}: {keys}", where=where, keys=keys)))
        if item.new:
            console.print(Text(say("  new      {where}: {keys}", where=where, keys=_some(item.new_keys, item.new))))
    for gone in month_before.gone:
        companies = _some(gone.companies, gone.number)
        month = f"{gone.period:%Y-%m}"
        text = say("Only in the month before {month}: {companies}", month=month, companies=companies)
        console.print(Text(text, style="yellow"))


def _some(names: Sequence[str], number: int) -> str:
    more = [say("and {more:,} more", more=number - len(names))] if number > len(names) else []
    return ", ".join((*names, *more))


def _table(companies: list[CompanyMonth]) -> Table:
    table = Table(title=say("Against the month before, largest change first"), title_justify="left")
    table.add_column(say("company"))
    table.add_column(say("keys"), justify="right")
    measures = [
        (number, figure)
        for number, figure in enumerate(companies[0].figures)
        if any((item.figures[number].old, item.figures[number].new) != (None, None) for item in companies)
    ]
    for _, figure in measures:
        table.add_column(f"{figure.measure}\n{word(figure.kind)}", justify="right")
    for item in companies:
        table.add_row(
            Text(f"{item.period:%Y-%m}\n{' '.join(item.company)}"),
            _keys(item),
            *(_values(item.figures[number]) for number, _ in measures),
        )
    return table


def _keys(item: CompanyMonth) -> Text:
    moves = [say("{keys:,} missing", keys=item.missing)] if item.missing else []
    moves += [say("{keys:,} new", keys=item.new)] if item.new else []
    return Text("\n".join((f"{item.keys_before:,} -> {item.keys:,}", *moves)), style=_style(item.factor))


def _values(figure: Figure) -> Text:
    if figure.old is None and figure.new is None:
        return Text(say("(nothing)"))
    old, new = (say("(nothing)") if value is None else format(value, "f") for value in (figure.old, figure.new))
    times = "" if figure.factor is None else f"\nx {figure.factor:.2f}"
    return Text(f"{old}\n-> {new}{times}", style="yellow" if figure.one_sided else _style(figure.factor))


def _style(factor: Decimal | None) -> str:
    return next((style for limit, style in _LIMITS if factor is not None and factor > limit), "")
