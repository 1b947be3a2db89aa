"""What a load would leave of each company's month, against its month before; a plan keeps it beside the differences.

The figures are those of the tests in dbt that look for jumps, so that a reviewer sees them before anything loads.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

QUIET = Decimal("0.0002")
"""A median of shares below it counts as it: returns swing around nothing (docs/decisions.md has the measurements)."""
REMARKABLE, DOUBTFUL = Decimal(3), Decimal(30)
"""Factors above which a person should look, and above which a unit is probably wrong."""


@dataclass(frozen=True)
class Figure:
    """A measure of a company in the month before and in the month; None where no row has it.

    `smallest` is what a smaller figure counts as where the two are divided.
    """

    measure: str
    kind: Literal["sum", "median"]
    old: Decimal | None
    new: Decimal | None
    smallest: Decimal

    @property
    def factor(self) -> Decimal | None:
        """The larger figure divided by the smaller one, to four places; None where there are no two of one sign."""
        return factor(self.old, self.new, self.smallest)

    @property
    def one_sided(self) -> bool:
        """Whether there is a figure, but none that it can be divided by: it appeared, vanished, or changed its sign."""
        return self.factor is None and bool(self.old or self.new)


@dataclass(frozen=True)
class CompanyMonth:
    """A month of a company that the plan holds: its keys and figures, and those of its month before.

    `company` has a value for each field that names one. `missing` keys are only in the month before, `new` ones only in
    this; `missing_keys` and `new_keys` are the first of them.
    """

    period: date
    company: tuple[str, ...]
    keys_before: int
    keys: int
    missing: int
    new: int
    missing_keys: tuple[str, ...]
    new_keys: tuple[str, ...]
    figures: tuple[Figure, ...]

    @property
    def factor(self) -> Decimal | None:
        """The factor of the number of keys."""
        return factor(Decimal(self.keys_before or 0) or None, Decimal(self.keys), Decimal(1))

    @property
    def largest(self) -> Decimal:
        """The largest of all its factors, without end where a figure is one-sided; 0 where there is no month before."""
        if any(figure.one_sided for figure in self.figures):
            return Decimal("Infinity")
        return max(found for found in (Decimal(0), self.factor, *(f.factor for f in self.figures)) if found is not None)


@dataclass(frozen=True)
class Gone:
    """Companies that the month before has and the month has not: how many, and the first of them."""

    period: date
    number: int
    companies: tuple[str, ...]


@dataclass(frozen=True)
class MonthBefore:
    """The comparison, by month and company; `why_not` says why there is none."""

    companies: tuple[CompanyMonth, ...] = ()
    gone: tuple[Gone, ...] = ()
    why_not: str = ""


def factor(old: Decimal | None, new: Decimal | None, smallest: Decimal) -> Decimal | None:
    """By what factor two figures differ, as dbt's int_company_jumps has it: never below 1, none from nothing or 0."""
    if old is None or new is None or (not old and new) or old * new < 0:
        return None
    low, high = sorted(max(abs(figure), smallest) for figure in (old, new))
    return (high / low).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def month_before_entry(month_before: MonthBefore) -> dict[str, Any]:
    """What plan.json says of it; figures are texts, so that no reader rounds them."""
    if month_before.why_not:
        return {"why_not": month_before.why_not}
    return {
        "companies": [_company_entry(item) for item in month_before.companies],
        "gone": [
            {"period": f"{item.period:%Y-%m}", "number": item.number, "companies": list(item.companies)}
            for item in month_before.gone
        ],
    }


def _company_entry(item: CompanyMonth) -> dict[str, Any]:
    return {
        "period": f"{item.period:%Y-%m}",
        "company": " ".join(item.company),
        "keys": {"old": item.keys_before, "new": item.keys, "factor": _text(item.factor)},
        "missing": {"number": item.missing, "keys": list(item.missing_keys)},
        "new": {"number": item.new, "keys": list(item.new_keys)},
        "measures": {
            figure.measure: {
                "kind": figure.kind,
                "old": _text(figure.old),
                "new": _text(figure.new),
                "factor": _text(figure.factor),
            }
            for figure in item.figures
        },
    }


def _text(figure: Decimal | None) -> str | None:
    return None if figure is None else format(figure, "f")
