"""受托业绩, trustee performance: what a plan of a trustee returned in a month, its unit value and its size."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from types import NoneType
from typing import Annotated, ClassVar

from pydantic import computed_field
from typing_extensions import TypedDict

from extract.domains.base import Column, DomainModel, Stored
from extract.fields.codes import Code
from extract.fields.numbers import AMOUNT_UNITS, PRICE_UNITS, SHARE_UNITS, Number, Share
from extract.fields.periods import Period

HIGH_RETURN = Decimal("0.5")
OLD_AFTER = timedelta(days=3650)


class RowWarning(TypedDict):
    """A remark kept with a row that is loaded all the same."""

    code: str
    detail: str


class TrusteePerformance(DomainModel):
    """A chunk of rows of one workbook. Grain: one row per month, plan and company (trustee).

    Field by field this is docs/rules.md: headers, spelling, units, ranges and warnings.
    """

    label_field: ClassVar[str] = "plan_code"
    rules: ClassVar[int] = 5
    remarked_fields: ClassVar[Mapping[str, str]] = {
        "high_return": "return_rate",
        "scale_below_nav": "fund_scale",
        "old_period": "report_date",
    }

    report_date: Column[
        Annotated[
            date,
            Period(
                year=("年", "年份", "year"),
                month=("月", "月份", "month"),
                period=("报告期", "报告日期", "月度", "期间", "report_period", "report_date"),
            ),
        ]
    ]
    plan_code: Column[Annotated[str, Code(headers=("计划代码", "计划号", "年金计划号", "plan_code"), max_length=50)]]
    company_code: Column[Annotated[str, Code(headers=("公司代码", "受托人代码", "company_code"), max_length=20)]]
    return_rate: Column[
        Annotated[
            Decimal | None,
            Share(
                headers=("收益率", "当期收益率", "return_rate"),
                precision=8,
                scale=6,
                minimum=Decimal(-1),
                maximum=Decimal(10),
                unit_powers=SHARE_UNITS,
                qualifiers=("本月", "当月", "当期", "计划"),
            ),
        ]
    ]
    net_asset_value: Column[
        Annotated[
            Decimal | None,
            Number(
                headers=("净值", "单位净值", "net_asset_value", "nav"),
                precision=18,
                scale=4,
                minimum=Decimal("0.0001"),
                unit_powers=PRICE_UNITS,
            ),
        ]
    ]
    fund_scale: Column[
        Annotated[
            Decimal | None,
            Number(
                headers=("规模", "资产规模", "期末资产规模", "fund_scale"),
                precision=18,
                scale=2,
                minimum=Decimal(0),
                unit_powers=AMOUNT_UNITS,
                qualifiers=("期末", "月末", "金额"),
            ),
        ]
    ]

    @computed_field(description="Whether any of the three measures is given.")
    def has_performance_data(self) -> Column[Annotated[bool, Stored("boolean")]]:
        """Whether any of the three measures is given."""
        if any(NoneType not in set(map(type, getattr(self, name))) for name in _MEASURES):
            return [True] * len(self.source_row)
        return [measures != (None, None, None) for measures in self.rows(_MEASURES)]

    @computed_field(description="Remarks on a row that is loaded all the same.")  # type: ignore[prop-decorator]
    @cached_property
    def validation_warnings(self) -> Column[Annotated[list[RowWarning], Stored("jsonb")]]:
        """Remarks of each row: `high_return`, `scale_below_nav`, `old_period`."""
        warnings: list[list[RowWarning]] = [[] for _ in self.source_row]
        rates = [rate for rate in self.return_rate if rate is not None]
        if rates and not -HIGH_RETURN <= min(rates) <= max(rates) <= HIGH_RETURN:
            for row, rate in enumerate(self.return_rate):
                if rate is not None and abs(rate) > HIGH_RETURN:
                    warnings[row].append({"code": "high_return", "detail": f"return_rate {rate} is beyond 50 %"})
        scales = [scale for scale in self.fund_scale if scale is not None]
        values = [value for value in self.net_asset_value if value is not None]
        if scales and values and min(scales) < max(values):
            for row, (scale, value) in enumerate(zip(self.fund_scale, self.net_asset_value, strict=True)):
                if scale is not None and value is not None and scale < value:
                    detail = f"fund_scale {scale} is below net_asset_value {value}"
                    warnings[row].append({"code": "scale_below_nav", "detail": detail})
        old_before = self._today - OLD_AFTER
        old: dict[date, list[RowWarning]] = {
            month: [{"code": "old_period", "detail": f"{month:%Y-%m} is more than {OLD_AFTER.days} days ago"}]
            for month in set(self.report_date)
            if month < old_before
        }
        for row, month in enumerate(self.report_date) if old else ():
            if month in old:
                warnings[row] = warnings[row] + old[month] if warnings[row] else old[month]
        return warnings

    def remarked_rows(self) -> Iterator[tuple[int, str]]:
        """Rows with warnings, each with its code."""
        for number, warnings in zip(self.source_row, self.validation_warnings, strict=True):
            for warning in warnings:
                yield number, warning["code"]


_MEASURES = ("return_rate", "net_asset_value", "fund_scale")
