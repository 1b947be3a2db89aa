"""Members and benefits of the superannuation funds of Australia, as APRA publishes them each quarter (Table 3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, DomainModel
from extract.fields.dates import Month, MonthOf
from extract.fields.marks import MarkOf
from extract.fields.numbers import PERCENT, Number, Share
from extract.fields.places import HeaderRow, Layout
from extract.fields.texts import Text

_UNDER_1000 = {
    "accounts": "Number of member accounts by members' benefits bracket < $1,000",
    "accounts_share": "Proportion of number of member accounts by members' benefits bracket < $1,000",
    "benefits": "Members' benefits by members' benefit bracket < $1,000",
    "benefits_share": "Proportion of members' benefits by members' benefit bracket < $1,000",
}


_QUARTER = Month(
    headers=("Period",),
    formats=("{YYYY}-{MM}-{DD}", "{D}/{M}/{YYYY}", "{D} {MON} {YYYY}", "{MON} {YYYY}", "Q{Q} {YYYY}"),
    of_span=MonthOf.LAST,
)


def _accounts(header: str) -> Number:
    return Number(headers=(header,), precision=12, scale=0, minimum=Decimal(0), unit_powers={})


def _dollars(header: str) -> Number:
    return Number(headers=(header,), precision=18, scale=2, minimum=Decimal(-(10**15)), unit_powers={"($'000)": 3})


def _share(header: str) -> Share:
    powers = {"(%)": PERCENT}
    return Share(headers=(header,), precision=8, scale=6, minimum=Decimal(-1), maximum=Decimal(2), unit_powers=powers)


class SuperFunds(DomainModel):
    """Grain: one record per quarter and fund. Figures that are kept back are null, with the reason beside."""

    label_field: ClassVar[str] = "fund"
    rules: ClassVar[int] = 1
    layout: ClassVar[Layout] = Layout(
        header=(HeaderRow.NAMES, HeaderRow.SKIP, HeaderRow.NAMES, HeaderRow.SKIP, HeaderRow.UNITS)
    )

    report_date: Column[Annotated[date, _QUARTER]]
    fund: Column[Annotated[str, Text(headers=("Fund name",), max_length=200)]]
    member_accounts: Column[
        Annotated[Decimal | None, _accounts("Total number of member accounts at the end of period")]
    ]
    member_benefits: Column[Annotated[Decimal | None, _dollars("Total members' benefits at end of period")]]
    accounts_female: Column[Annotated[Decimal | None, _accounts("Number of members accounts : female")]]
    accounts_not_stated: Column[
        Annotated[Decimal | None, _accounts("Number of members : Not stated or inadequately described")]
    ]
    benefits_female: Column[Annotated[Decimal | None, _dollars("Members' benefits : female")]]
    benefits_not_stated: Column[
        Annotated[Decimal | None, _dollars("Members' benefits : Not stated or inadequately described")]
    ]
    accounts_under_1000: Column[Annotated[Decimal | None, _accounts(_UNDER_1000["accounts"])]]
    accounts_under_1000_share: Column[Annotated[Decimal | None, _share(_UNDER_1000["accounts_share"])]]
    benefits_under_1000: Column[Annotated[Decimal | None, _dollars(_UNDER_1000["benefits"])]]
    benefits_under_1000_share: Column[Annotated[Decimal | None, _share(_UNDER_1000["benefits_share"])]]
    member_accounts_mark: Column[Annotated[str | None, MarkOf("member_accounts")]]
    member_benefits_mark: Column[Annotated[str | None, MarkOf("member_benefits")]]
    accounts_female_mark: Column[Annotated[str | None, MarkOf("accounts_female")]]
    accounts_not_stated_mark: Column[Annotated[str | None, MarkOf("accounts_not_stated")]]
    benefits_female_mark: Column[Annotated[str | None, MarkOf("benefits_female")]]
    benefits_not_stated_mark: Column[Annotated[str | None, MarkOf("benefits_not_stated")]]
    accounts_under_1000_mark: Column[Annotated[str | None, MarkOf("accounts_under_1000")]]
    accounts_under_1000_share_mark: Column[Annotated[str | None, MarkOf("accounts_under_1000_share")]]
    benefits_under_1000_mark: Column[Annotated[str | None, MarkOf("benefits_under_1000")]]
    benefits_under_1000_share_mark: Column[Annotated[str | None, MarkOf("benefits_under_1000_share")]]
