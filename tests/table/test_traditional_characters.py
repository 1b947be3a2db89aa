"""rules.md, Where people state things elsewhere: headers, units and labels in other characters."""

import pytest

from conftest import HEADER, ROW, Extract
from reading import records


@pytest.mark.parametrize(
    "header",
    [
        ("年份", "月份", "計劃代碼", "公司代碼", "當期收益率", "單位淨值", "規模（萬元）"),
        ("年", "月", "計劃號", "受託人代碼", "收益率", "淨值", "資產規模(萬元)"),
        ("年", "月", "年金計劃號", "公司代码", "收益率", "净值", "规模（人民幣萬元）"),
    ],
)
def test_traditional_headers_are_the_simple_ones(extract: Extract, header: tuple[str, ...]) -> None:
    assert records(extract([ROW], header=header)) == ["2024-11-01,P1,C1,0.010000,1.5000,10000000.00,true"]


@pytest.mark.parametrize(
    ("title", "scale"),
    [
        ("單位：萬元", "10000000.00"),
        ("金額單位：人民幣萬元", "10000000.00"),
        ("単位：万元", "10000000.00"),
        ("单位：仟元", "1000000.00"),
        ("单位：佰万元", "1000000000.00"),
        ("单位：圆", "1000.00"),
        ("單位：億圓", "100000000000.00"),
    ],
)
def test_units_in_traditional_and_bank_characters(extract: Extract, title: str, scale: str) -> None:
    result = extract([HEADER, ROW], header=(title,))
    assert records(result) == [f"2024-11-01,P1,C1,0.010000,1.5000,{scale},true"]


@pytest.mark.parametrize("cell", ["0.1萬元", "1仟元", "1000圓", "￥1,000元"])
def test_a_cell_in_traditional_characters(extract: Extract, cell: str) -> None:
    assert records(extract([(*ROW[:6], cell)])) == ["2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"]


@pytest.mark.parametrize("label", ["合計", "小計", "總計"])
def test_a_label_in_traditional_characters_is_a_summary(extract: Extract, label: str) -> None:
    assert extract([ROW, (*ROW[:2], label, *ROW[3:])]).report.rows_skipped["summary"] == 1


def test_a_code_keeps_its_characters(extract: Extract) -> None:
    (record,) = records(extract([(*ROW[:2], "計劃甲", *ROW[3:])]))
    assert ",計劃甲," in record
