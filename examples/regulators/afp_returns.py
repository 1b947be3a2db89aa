"""Returns of the private pension funds of Peru, as the SBS publishes them in four series, one for each type of fund."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, SpreadModel
from extract.fields.dates import Month
from extract.fields.numbers import PERCENT, Share
from extract.fields.places import FromColumn, FromFileName, FromHeader, FromTitle, HeaderRow, Layout
from extract.fields.texts import Choice, Text

_TITLE = r"Rentabilidad Nominal y Real (?P<basis>\w+) del Fondo de Pensiones Tipo (?P<fund_type>\d)"
_PERCENT = {"En porcentaje": PERCENT, "En porcentajes": PERCENT}
_MARK = r"(?:\s*(?:\d+/|\(\d+/?\)|\*+))"
"""A footnote mark: 3/, (1), *."""


class AfpReturns(SpreadModel):
    """Grain: one record per month, type of fund, company, basis and number of years."""

    label_field: ClassVar[str] = "afp"
    rules: ClassVar[int] = 1
    layout: ClassVar[Layout] = Layout(
        header=(HeaderRow.VALUES, HeaderRow.VALUES, HeaderRow.NAMES),
        title=_TITLE,
        end="^(Promedio|Notas)",
        empty_records=False,
    )

    report_date: Column[
        Annotated[
            date,
            Month(formats=("{MON} {YYYY}",)),
            FromHeader(row=1, pattern=r"^(\w+\.? \d{4}) ?[/-]"),
            FromFileName(),
        ]
    ]
    fund_type: Column[Annotated[str, Text(max_length=1, pattern="[0-3]"), FromTitle(_TITLE)]]
    afp: Column[
        Annotated[
            str,
            Text(max_length=20, case="upper", footnotes=rf"{_MARK}+\s*$", pattern=r"[^\d/*]+"),
            FromColumn("A"),
        ]
    ]
    basis: Column[Annotated[str, Choice({"acumulada": (), "anualizada": ()}), FromTitle(_TITLE)]]
    years: Column[
        Annotated[
            str, Text(max_length=2, pattern="[0-9]+"), FromHeader(row=2, pattern=rf"^\((\d+) a[nñ]os?\){_MARK}*$")
        ]
    ]
    nominal: Column[
        Annotated[
            Decimal | None,
            Share(headers=("Nominal",), precision=12, scale=8, minimum=Decimal(-1), unit_powers=_PERCENT),
        ]
    ]
    real: Column[
        Annotated[
            Decimal | None,
            Share(headers=("Real",), precision=12, scale=8, minimum=Decimal(-1), unit_powers=_PERCENT),
        ]
    ]
