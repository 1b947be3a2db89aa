"""What a person sees of a plan's months against the months before: the companies that changed most come first."""

from collections.abc import Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from console.terminal import new_console
from extract.plan.month_before import DOUBTFUL, REMARKABLE, CompanyMonth, Figure, MonthBefore

SHOWN = 10
_NOTHING = "(nothing)"
_LIMITS = ((DOUBTFUL, "bold red"), (REMARKABLE, "yellow"))


def show_month_before(month_before: MonthBefore) -> None:
    """Keys, sums and medians before and now with their factor, for the companies with the largest; and who is gone."""
    console = new_console()
    if month_before.why_not:
        console.print(Text(f"Not compared with the month before: {month_before.why_not}"))
        return
    compared = [item for item in month_before.companies if item.keys_before]
    if new := len(month_before.companies) - len(compared):
        console.print(Text(f"{new:,} of {len(month_before.companies):,} months of companies have no month before"))
    compared.sort(key=lambda item: (-item.largest, item.period, item.company))
    if compared:
        console.print(_table(compared[:SHOWN]))
    if len(compared) > SHOWN:
        console.print(Text(f"and {len(compared) - SHOWN:,} more by smaller factors: plan.json has all"))
    moved = [item for item in compared if item.missing or item.new]
    for item in sorted(moved, key=lambda item: -item.missing)[:SHOWN]:
        where = f"{item.period:%Y-%m} {' '.join(item.company)}"
        for name, number, keys in (("missing", item.missing, item.missing_keys), ("new", item.new, item.new_keys)):
            if number:
                console.print(Text(f"  {name:<8} {where}: {_some(keys, number)}"))
    for gone in month_before.gone:
        companies = _some(gone.companies, gone.number)
        console.print(Text(f"Only in the month before {gone.period:%Y-%m}: {companies}", style="yellow"))


def _some(names: Sequence[str], number: int) -> str:
    more = [f"and {number - len(names):,} more"] if number > len(names) else []
    return ", ".join((*names, *more))


def _table(companies: list[CompanyMonth]) -> Table:
    table = Table(title="Against the month before, largest change first", title_justify="left")
    table.add_column("company")
    table.add_column("keys", justify="right")
    measures = [
        (number, figure)
        for number, figure in enumerate(companies[0].figures)
        if any((item.figures[number].old, item.figures[number].new) != (None, None) for item in companies)
    ]
    for _, figure in measures:
        table.add_column(f"{figure.measure}\n{figure.kind}", justify="right")
    for item in companies:
        table.add_row(
            Text(f"{item.period:%Y-%m}\n{' '.join(item.company)}"),
            _keys(item),
            *(_values(item.figures[number]) for number, _ in measures),
        )
    return table


def _keys(item: CompanyMonth) -> Text:
    moves = [f"{count:,} {name}" for count, name in ((item.missing, "missing"), (item.new, "new")) if count]
    return Text("\n".join((f"{item.keys_before:,} -> {item.keys:,}", *moves)), style=_style(item.factor))


def _values(figure: Figure) -> Text:
    if figure.old is None and figure.new is None:
        return Text(_NOTHING)
    old, new = (_NOTHING if value is None else format(value, "f") for value in (figure.old, figure.new))
    times = "" if figure.factor is None else f"\nx {figure.factor:.2f}"
    return Text(f"{old}\n-> {new}{times}", style="yellow" if figure.one_sided else _style(figure.factor))


def _style(factor: Decimal | None) -> str:
    return next((style for limit, style in _LIMITS if factor is not None and factor > limit), "")
