"""Loans of the banks of Australia by borrower, as APRA publishes them each month (Table 2)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, DomainModel
from extract.fields.dates import Month
from extract.fields.numbers import Number
from extract.fields.places import FromColumn, FromFileName, FromHeader, HeaderRow, Layout
from extract.fields.texts import Text


def _loans(header: str) -> Number:
    return Number(headers=(header,), precision=18, scale=2, minimum=Decimal(-(10**15)), unit_powers={"$ million": 6})


class BankStatistics(DomainModel):
    """Grain: one record per month and bank. A figure that is not collected is null."""

    label_field: ClassVar[str] = "bank"
    rules: ClassVar[int] = 1
    layout: ClassVar[Layout] = Layout(header=(HeaderRow.NAMES, HeaderRow.NAMES), end_at_blank=True)

    report_date: Column[
        Annotated[
            date,
            Month(formats=("{MON} {YYYY}", "{D} {MON} {YYYY}", "{MON}-{YY}")),
            FromHeader(row=1, over="bank"),
            FromFileName(),
        ]
    ]
    bank: Column[Annotated[str, Text(max_length=200), FromColumn("A", header=None)]]
    loans_non_financial_businesses: Column[Annotated[Decimal | None, _loans("Non-financial businesses")]]
    loans_financial_institutions: Column[Annotated[Decimal | None, _loans("Financial institutions")]]
    loans_general_government: Column[Annotated[Decimal | None, _loans("General government")]]
    loans_housing_owner_occupied: Column[Annotated[Decimal | None, _loans("Households Housing: Owner-occupied")]]
    loans_housing_investment: Column[Annotated[Decimal | None, _loans("Households Housing: Investment")]]
    loans_credit_cards: Column[Annotated[Decimal | None, _loans("Households Credit cards")]]
    loans_households_other: Column[Annotated[Decimal | None, _loans("Households Other")]]
    loans_community_service_organisations: Column[Annotated[Decimal | None, _loans("Community service organisations")]]
    loans_total_residents: Column[Annotated[Decimal | None, _loans("Total residents loans and finance leases")]]
    loans_intra_group: Column[Annotated[Decimal | None, _loans("Intra-group loans and finance leases")]]
