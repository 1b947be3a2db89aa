"""Risk-free interest rate term structures by country and maturity, as EIOPA publishes them each month."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, SpreadModel
from extract.fields.dates import Month
from extract.fields.integers import Integer
from extract.fields.numbers import Share
from extract.fields.places import FromCells, FromColumn, FromFileName, FromHeader, HeaderRow, Layout
from extract.fields.texts import Text


class RiskFreeRates(SpreadModel):
    """Grain: one record per month, country and maturity."""

    label_field: ClassVar[str] = "maturity"
    rules: ClassVar[int] = 1
    layout: ClassVar[Layout] = Layout(
        header=(HeaderRow.VALUES, HeaderRow.VALUES),
        skip=("Coupon_freq", "LLP", "Convergence", "UFR", "alpha", "CRA", "VA"),
        empty_records=False,
    )

    report_date: Column[
        Annotated[
            date,
            Month(formats=("{DD}_{MM}_{YYYY}",)),
            FromHeader(row=2, pattern=r"^[A-Z]{2,3}_(\d{2}_\d{2}_\d{4})_"),
            FromFileName(),
        ]
    ]
    country: Column[
        Annotated[
            str,
            Text(max_length=30, case="upper", aliases={"Czech Republic": "CZECHIA"}),
            FromHeader(row=1),
        ]
    ]
    maturity: Column[Annotated[int, Integer(minimum=1, maximum=150), FromColumn("B", header="Main menu")]]
    rate: Column[
        Annotated[
            Decimal | None,
            Share(headers=(), precision=10, scale=8, minimum=Decimal("-0.5"), maximum=Decimal(1), unit_powers={}),
            FromCells(),
        ]
    ]
