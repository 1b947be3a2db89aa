"""rules.md, Units: what around a table is a statement of units, of which field, and what only looks like one."""

import pytest

from conftest import HEADER, ROW, Extract
from extract.errors.table import UnitConflict, UnitMisplaced, UnknownUnit
from reading import records

PLAIN = "2024-11-01,P1,C1,0.010000,1.5000,1000.00,true"
WAN = "2024-11-01,P1,C1,0.010000,1.5000,10000000.00,true"
PERCENT = "2024-11-01,P1,C1,0.000100,1.5000,1000.00,true"
BOTH = "2024-11-01,P1,C1,0.000100,1.5000,10000000.00,true"


@pytest.mark.parametrize(
    ("title", "record"),
    [
        ("单位－万元", WAN),
        ("单位—万元", WAN),
        ("Amounts in 万元", WAN),
        ("规模以万元计", WAN),
        ("以上金额均以人民币万元列示", WAN),
        ("规模：万元", WAN),
        ("规模均为万元", WAN),
        ("受托业绩万元", WAN),
        ("收益率以百分数列示", PERCENT),
        ("收益率：%", PERCENT),
        ("（收益率为百分比）", PERCENT),
        ("金额单位：元  比例单位：%", PERCENT),
        ("注：规模单位为万元，收益率为百分比", BOTH),
        ("填报单位：某公司  2024年11月  单位：万元", WAN),
        ("报表单位：某公司  金额单位：万元", WAN),
        ("单位：“万元”", WAN),
        ("（￥万元）", WAN),
        ("（单位：万元  收益率：百分比）", BOTH),
        ("单位：规模-万元，收益率-%", BOTH),
        ("金额单位：万元；收益率单位：百分点", BOTH),
        ("收益率 %", PERCENT),
        ("单位：元 规模：万元", WAN),
        ("金额：元；比例：%", PERCENT),
        ("规模量级为万", WAN),
        ("单位：元（规模为万元）", WAN),
        ("除净值外，单位均为万元", WAN),
        ("除特别注明外，金额单位均为人民币万元", WAN),
        ("人数单位：人，金额单位：万元", WAN),
        ("份额单位：万份", PLAIN),
        ("收益率为百分比数值", PERCENT),
        ("注：表中收益率均为百分数", PERCENT),
        ("以下收益率为百分比", PERCENT),
        ("收益率以千分比表示", "2024-11-01,P1,C1,0.000010,1.5000,1000.00,true"),
    ],
)
def test_a_statement_in_a_title(extract: Extract, title: str, record: str) -> None:
    assert records(extract([HEADER, ROW], header=(title,))) == [record]


@pytest.mark.parametrize(
    "title",
    [
        "Unit: CNY million",
        "in RMB millions",
        "(in CNY thousands)",
        "Currency: CNY; Unit: Ten Thousand Yuan",
        "單位：新臺幣千元",
        "Unit: mil CNY",
        "RMB mio",
        "RMB MM",
        "CNY 10k",
        "Unit: wan yuan",
        "Currency: USD",
        "注：规模为美元",
        "金额以美元列示",
        "收益率以BP计",
        "单位：新台币仟元",
    ],
)
def test_a_unit_of_no_field_is_an_error(extract: Extract, title: str) -> None:
    with pytest.raises(UnknownUnit):
        extract([HEADER, ROW], header=(title,))


@pytest.mark.parametrize(
    "title",
    [
        "联系人：万元",
        "规模合计1234万元",
        "管理规模突破百亿元",
        "规模合计（万元）：1234",
        "增长率：%",
        "单位：某某养老",
        "规模：1000万元",
    ],
)
def test_what_is_no_statement(extract: Extract, title: str) -> None:
    assert records(extract([HEADER, ROW], header=(title,))) == [PLAIN]


@pytest.mark.parametrize(
    "header",
    ["期初规模(万元)", "缴费（万元）", "费用/万元", "管理费万元", "收入：万元", "备注（单位：万元）", "增减(亿元)"],
)
def test_the_unit_of_a_column_that_is_not_read_is_its_own(extract: Extract, header: str) -> None:
    assert records(extract([(*ROW, 5)], header=(*HEADER, header))) == [PLAIN]


@pytest.mark.parametrize("header", ["单位：万元", "（单位：万元）", "万元"])
def test_a_statement_beside_the_headers(extract: Extract, header: str) -> None:
    assert records(extract([ROW], header=(*HEADER, header))) == [WAN]


@pytest.mark.parametrize("note", ["单位：元", "金额单位：人民币元", "单位净值：元"])
def test_yuan_below_the_rows_is_what_they_were_read_under(extract: Extract, note: str) -> None:
    assert records(extract([ROW, (note,)])) == [PLAIN]


@pytest.mark.parametrize("note", ["以上金额均以万元列示", "注：规模单位为万元", "规模：万元", "收益率为百分数"])
def test_another_unit_below_the_rows_is_an_error(extract: Extract, note: str) -> None:
    with pytest.raises(UnitMisplaced):
        extract([ROW, (note,)])


@pytest.mark.parametrize(
    "title", ["RMB'000", "(in RMB’000)", "In millions of RMB", "Amounts are in thousands", "单位：W"]
)
def test_another_way_to_count_is_an_error(extract: Extract, title: str) -> None:
    with pytest.raises(UnknownUnit):
        extract([HEADER, ROW], header=(title,))


@pytest.mark.parametrize("title", ["2024/11/30", "11/2024", "24/11"])
def test_a_date_is_no_unit(extract: Extract, title: str) -> None:
    assert records(extract([HEADER, ROW], header=(title,))) == [PLAIN]


@pytest.mark.parametrize(
    "title",
    [
        "亿元口径",
        "以下为万元级数据",
        "报表金额万元为准",
        "收益率数据已乘以100",
        "收益率省略%号",
        "收益率以万分比表示",
        "精确到万元",
        "四舍五入至万元",
        "除规模为万元外，其余单位为元",
        "单位：元（规模除外）",
        "(10⁴元)",
        "规模×10000元",
        "单位：×10^4元",
        "以下为美元计划",
    ],
)
def test_a_unit_that_nobody_reads_is_a_warning_that_names_the_cell(extract: Extract, title: str) -> None:
    result = extract([HEADER, ROW], header=(title,))
    assert [(warning.code, title in warning.detail) for warning in result.report.warnings] == [("unit_not_read", True)]


@pytest.mark.parametrize(
    "title", ["规模超1亿元的计划", "总规模三百亿元", "注册资本10000万元", "受托业绩", "外汇100万美元", "收益率5%以上"]
)
def test_an_amount_is_no_unit(extract: Extract, title: str) -> None:
    assert extract([HEADER, ROW], header=(title,)).report.warnings == ()


@pytest.mark.parametrize("label", [("金额单位",), ("数字", "数字", "文本", "文本")])
def test_a_row_of_units_may_have_words_beside_them(extract: Extract, label: tuple[str, ...]) -> None:
    units = (*label, *("",) * (4 - len(label)), "%", "元", "万元")
    assert records(extract([units, ROW])) == [BOTH]


def test_a_row_of_words_below_the_header_states_units_too(extract: Extract) -> None:
    words = ("必填", "必填", "必填", "必填", "填小数", "保留四位", "单位万元")
    with pytest.raises(UnitMisplaced, match="G2"):
        extract([words, ROW])
    result = extract([(*words[:6], "万元，保留两位小数"), ROW])
    assert [(one.code, "G2" in one.detail) for one in result.report.warnings] == [("unit_not_read", True)]


@pytest.mark.parametrize("label", ["受托业绩", "单位"])
def test_a_row_of_units_right_above_the_header_may_have_a_title_beside_it(extract: Extract, label: str) -> None:
    assert records(extract([HEADER, ROW], header=(label, "", "", "", "%", "元", "万元"))) == [BOTH]


@pytest.mark.parametrize("title", ["管理费单位：万元", "单位：元（管理费单位：万元）", "注：管理费单位为万元"])
@pytest.mark.parametrize("below", [False, True])
def test_a_statement_about_a_column_that_is_not_read_is_its_own(extract: Extract, title: str, below: bool) -> None:
    rows = [(*ROW, 5), (title,)] if below else [(*HEADER, "管理费(月)"), (*ROW, 5)]
    assert records(extract(rows, header=(*HEADER, "管理费") if below else (title,))) == [PLAIN]


@pytest.mark.parametrize(
    "header",
    [
        "规模\n单位：万元",
        "规模单位（万元）",
        "规模人民币万元",
        "规模〖万元〗",
        "规模「万元」",
        "规模_万元",
        "规模—万元",
        "规模·万元",
        "规模；万元",
        "规模＝万元",
    ],
)
def test_a_unit_beside_a_name_in_other_signs(extract: Extract, header: str) -> None:
    assert records(extract([ROW], header=(*HEADER[:6], header))) == [WAN]


@pytest.mark.parametrize("header", ["单位净值（元/份）", "净值 元/份", "净值(元/单位)"])
def test_yuan_for_each_unit_is_yuan(extract: Extract, header: str) -> None:
    assert records(extract([ROW], header=(*HEADER[:5], header, HEADER[6]))) == [PLAIN]
    assert records(extract([(None,) * 5 + ("元/份",), ROW])) == [PLAIN]


@pytest.mark.parametrize("header", ["序号(单位:万元)", "计划名称（单位：万元）", "项目 单位：万元"])
def test_a_unit_beside_the_header_of_names_is_a_warning(extract: Extract, header: str) -> None:
    result = extract([("甲", *ROW)], header=(header, *HEADER))
    assert (records(result), [one.code for one in result.report.warnings]) == ([PLAIN], ["unit_not_read"])


def test_a_unit_beside_the_header_of_codes_is_a_warning(extract: Extract) -> None:
    result = extract([ROW], header=(*HEADER[:2], "计划代码（单位：万元）", *HEADER[3:]))
    assert (records(result), [one.code for one in result.report.warnings]) == ([PLAIN], ["unit_not_read"])


def test_a_unit_in_the_header_of_another_figure_is_its_own(extract: Extract) -> None:
    result = extract([(*ROW, 5)], header=(*HEADER, "管理费（单位：万元）"))
    assert (records(result), result.report.warnings) == ([PLAIN], ())


@pytest.mark.parametrize(
    "words",
    [
        ("百分数，如5.00", "保留4位", "万元"),
        ("Return 5 = 5%", "NAV", "AUM (RMB 10k)"),
        ("如0.05", "如1.0000", "如5，亿元"),
    ],
)
def test_a_unit_in_a_rejected_row_is_a_warning(extract: Extract, words: tuple[str, ...]) -> None:
    result = extract([("", "", "填计划代码", "填公司代码", *words), ROW, (2024, 11, "P2", *ROW[3:])])
    assert (len(records(result)), result.report.rows_rejected) == (2, 1)
    assert {one.code for one in result.report.warnings} == {"unit_not_read"}


@pytest.mark.parametrize("title", ["单位：☑万元 □元", "单位：元□ 万元√", "单位：□元 ■万元"])
def test_a_choice_of_units_is_an_error(extract: Extract, title: str) -> None:
    with pytest.raises(UnitConflict):
        extract([HEADER, ROW], header=(title,))


def test_headers_in_two_languages(extract: Extract) -> None:
    header = (
        "年 year",
        "月\nmonth",
        "计划代码 plan_code",
        "公司代码 company_code",
        "收益率(%) return_rate",
        "净值 NAV",
        "规模 fund_scale",
    )
    assert records(extract([ROW], header=header)) == [PERCENT]


def test_letters_before_headers(extract: Extract) -> None:
    header = tuple(f"{sign}.{name}" for sign, name in zip("ABCDEFG", HEADER, strict=True))
    assert records(extract([ROW], header=header)) == [PLAIN]
