"""rules.md, Rows and headers: a further table below the first, groups over columns, and sheets beside the one read."""

from pathlib import Path

import openpyxl
import pytest
import xlwt

import writers
from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.table import ColumnAmbiguous, ColumnDoubtful, ColumnMissing, UnknownUnit
from layouts import GOOD, KINDS, NAME, SHORT, Rows, book, formatted, outcome, respell, row, short, skipped, warned
from reading import read, read_all

SWAPPED = (*HEADER[:5], "规模", "净值")

# --- further tables ----------------------------------------------------------------------------------------------

TABLES: dict[str, tuple[Rows, list[str], dict[str, int]]] = {
    "two columns in the other order": (
        [("一、单一计划",), HEADER, row(), (), ("二、集合计划",), SWAPPED, row("Q1", 0.01, 2000001, 1.5)],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 2000001.00"],
        {"header": 1, "blank": 1, "note": 1},
    ),
    "right below, without a title": (
        [HEADER, row(), SWAPPED, row("Q1", 0.01, 5, 1.5)],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00"],
        {"header": 1},
    ),
    "another measure in place of the return": (
        [HEADER, row(), (), ("累计",), (*HEADER[:4], "年初至今业绩", *HEADER[5:]), row("Q1", 0.0823, 1.5, 5)],
        [f"P1 {GOOD}", "Q1  1.5000 5.00"],
        {"header": 1, "blank": 1, "note": 1},
    ),
    "without a return at all": (
        [HEADER, row(), (*HEADER[:4], "净值", "规模"), (2024, 11, "Q1", "C1", 1.5, 5)],
        [f"P1 {GOOD}", "Q1  1.5000 5.00"],
        {"header": 1},
    ),
    "units of its own": (
        [HEADER, row(rate="5%"), (*HEADER[:4], "收益率(%)", "净值", "规模(万元)"), row("Q1", 0.5, 1.5, 5)],
        ["P1 0.050000 1.2345 1000000.00", "Q1 0.005000 1.5000 50000.00"],
        {"header": 1},
    ),
    "back to no unit": (
        [(*HEADER[:6], "规模(万元)"), row(scale=5), HEADER, row("Q1", scale=5)],
        ["P1 0.012300 1.2345 50000.00", "Q1 0.012300 1.2345 5.00"],
        {"header": 1},
    ),
    "a title with a unit above each": (
        [("单位：万元",), HEADER, row(scale=5), (), ("单位：亿元",), HEADER, row("Q1", scale=5)],
        ["P1 0.012300 1.2345 50000.00", "Q1 0.012300 1.2345 500000000.00"],
        {"header": 1, "blank": 1, "note": 1},
    ),
    "the unit of the first title holds on": (
        [("单位：万元",), HEADER, row(scale=5), (), ("二、集合计划",), SWAPPED, row("Q1", 0.0123, 5, 1.2345)],
        ["P1 0.012300 1.2345 50000.00", "Q1 0.012300 1.2345 50000.00"],
        {"header": 1, "blank": 1, "note": 1},
    ),
    "a row of units of its own": (
        [HEADER, row(), SWAPPED, (*(None,) * 5, "万元", "元"), row("Q1", 0.01, 5, 1.5)],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 50000.00"],
        {"header": 2},
    ),
    "columns further right": (
        [HEADER, row(), (None, *HEADER), (None, *row("Q1"))],
        [f"P1 {GOOD}", f"Q1 {GOOD}"],
        {"header": 1},
    ),
    "keys in another order": (
        [HEADER, row(), ("公司代码", "计划代码", *HEADER[:2], *HEADER[4:]), ("C2", "Q1", 2024, 11, 0.0123, 1.2345, 9)],
        [f"P1 {GOOD}", "Q1 0.012300 1.2345 9.00"],
        {"header": 1},
    ),
    "three tables": (
        [HEADER, row(), SWAPPED, row("Q1", 0.01, 5, 1.5), HEADER, row("R1")],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00", f"R1 {GOOD}"],
        {"header": 2},
    ),
    "a total between them": (
        [HEADER, row(), ("合计", *(None,) * 5, 9), SWAPPED, row("Q1", 0.01, 5, 1.5)],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00"],
        {"header": 1, "summary": 1},
    ),
    "no unit below a header that states one": (
        [(*HEADER[:6], "规模\n(百万元)"), row(scale=5), HEADER, row("Q1", scale=5)],
        ["P1 0.012300 1.2345 5000000.00", "Q1 0.012300 1.2345 5.00"],
        {"header": 1},
    ),
    "no unit below a header that states one over no rows": (
        [
            HEADER,
            row(),
            (),
            (*HEADER[:6], "规模\n(百万元)"),
            (),
            ("合计", *(None,) * 5, 5),
            (),
            HEADER,
            row("Q1", scale=5),
        ],
        [f"P1 {GOOD}", "Q1 0.012300 1.2345 5.00"],
        {"header": 2, "blank": 3, "summary": 1},
    ),
    "names of no field below the codes": (
        [
            SHORT,
            short(),
            ("托管人", "增长率(%)", "规模(万元)", "公司代码", "收益率", "计划代码", "净值"),
            ("某某", 7, 5, "C1", 0.01, "Q1", 1.5),
        ],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 50000.00"],
        {"header": 1},
    ),
    "names of no field below the codes, units in brackets": (
        [
            SHORT,
            short(),
            ("risk level", "托管人", "return_rate", "计划号", "资产规模（元）", "NAV注1", "公司代码"),
            (0.5, None, 0.01, "Q1", 5, 1.5, "C1"),
        ],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00"],
        {"header": 1},
    ),
    "measures below the codes": (
        [
            HEADER,
            row(),
            ("年", "月", "净值", "规模", "收益率", "计划代码", "公司代码"),
            (2024, 11, 1.5, 5, 0.01, "Q1", "C1"),
        ],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00"],
        {"header": 1},
    ),
    "units and a remark in the header": (
        [HEADER, row(), ("备注", *HEADER[:5], "净值(元)", "规模(万元)"), (None, *row("Q1", scale=5))],
        [f"P1 {GOOD}", "Q1 0.012300 1.2345 50000.00"],
        {"header": 1},
    ),
    "a title of two cells right above it": (
        [HEADER, row(), ("二、集合计划", None, "受托业绩（续）"), SWAPPED, row("Q1", 0.01, 5, 1.5)],
        [f"P1 {GOOD}", "Q1 0.010000 1.5000 5.00"],
        {"header": 1, "note": 1},
    ),
    "the same header again": ([HEADER, row(), HEADER, row("P2")], [f"P1 {GOOD}", f"P2 {GOOD}"], {"header": 1}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "loads", "skips"), TABLES.values(), ids=TABLES.keys())
def test_a_header_further_down_begins_a_table_of_its_own(
    rows: Rows, loads: list[str], skips: dict[str, int], kind: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), skipped(result)) == (loads, skips)
    assert result.report.rows_read == result.report.rows_loaded + result.report.skipped


@pytest.mark.parametrize("kind", KINDS)
def test_a_further_table_with_a_header_that_resembles_one_is_refused(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(), (), (*HEADER[:4], "年初至今收益率", *HEADER[5:]), row("Q1", 0.0823)]
    path = book(tmp_path, rows, kind)
    with pytest.raises(ColumnDoubtful, match="E4: is 年初至今收益率"):
        read(path, domain)
    rows[3] = (*HEADER[:6], "规模(美元)")
    with pytest.raises(UnknownUnit, match="G4"):
        read(book(tmp_path, rows, kind), domain)


LACKING: dict[str, Rows] = {
    "a key by an unknown name": [(*HEADER[:2], "编号", *SWAPPED[3:]), (2024, 11, "Q1", "C2", 0.02, 5, 1.5)],
    "a key column": [(*HEADER[:3], *SWAPPED[4:]), (2024, 11, "Q1", 0.02, 5, 1.5)],
    "all keys": [(*(None,) * 4, *SWAPPED[4:]), (2024, 11, "Q1", "C2", 0.02, 5, 1.5)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", LACKING.values(), ids=LACKING.keys())
def test_measures_in_other_columns_without_all_keys_are_refused(
    rows: Rows, kind: str, tmp_path: Path, domain: Domain
) -> None:
    with pytest.raises(ColumnMissing, match="header in row 3"):
        read(book(tmp_path, [HEADER, row(), *rows], kind), domain)


def test_a_reject_of_a_further_table_names_its_own_columns(tmp_path: Path, domain: Domain) -> None:
    result = read(book(tmp_path, [HEADER, row(), SWAPPED, row("Q1", 0.01, -5, 0)]), domain)
    assert outcome(result) == [f"P1 {GOOD}", "F4 out_of_range", "G4 out_of_range"]
    assert [reject.column for reject in result.rejected[0].rejects] == ["规模", "净值"]


UNITS_ABOVE_ONE_COLUMN: dict[str, tuple[Rows, list[str]]] = {
    "an unread column": (
        [(*(None,) * 7, "（单位：万元）"), (*HEADER, "备注"), (*row(scale=5), "")],
        ["P1 0.012300 1.2345 50000.00"],
    ),
    "a column of another kind": (
        [(*(None,) * 5, "（单位：万元）"), HEADER, row(scale=5)],
        ["P1 0.012300 1.2345 50000.00"],
    ),
    "a rate that the title tells of": (
        [(*(None,) * 6, "（单位：%）"), HEADER, row(rate=5)],
        ["P1 0.050000 1.2345 1000000.00"],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "loads"), UNITS_ABOVE_ONE_COLUMN.values(), ids=UNITS_ABOVE_ONE_COLUMN.keys())
def test_a_unit_so_labelled_above_one_column_is_that_of_the_table(
    rows: Rows, loads: list[str], kind: str, tmp_path: Path, domain: Domain
) -> None:
    assert outcome(read(book(tmp_path, rows, kind), domain)) == loads


# --- groups over columns -----------------------------------------------------------------------------------------

MONTH, YEAR, SUM = "0.004100", "0.082200", "0.009100"
GROUPS: dict[str, tuple[tuple[str, ...], tuple[float, ...], str]] = {
    "the year before the month": (("本年累计", "本月"), (0.0822, 0.0041), MONTH),
    "the month before the year": (("本月", "本年累计"), (0.0041, 0.0822), MONTH),
    "the plan beside a portfolio": (("组合", "计划"), (0.0091, 0.0041), MONTH),
    "three of them": (("本年累计", "当月", "近一年"), (0.0822, 0.0041, 0.09), MONTH),
    "months of which one is that of the file": (("9月", "10月", "11月"), (0.0091, 0.0101, 0.0041), MONTH),
    "with a unit": (("本年累计(%)", "本月(%)"), (8.22, 0.41), MONTH),
    "the full name below": (("本年累计", "当期收益率"), (0.0822, 0.0041), MONTH),
}


def grouped(names: tuple[str, ...], cells: tuple[float, ...], group: str = "收益率") -> Rows:
    """A header of two rows with a group over some columns, and a row below it."""
    rest = (None,) * (len(names) - 1)
    return [
        (*HEADER[:4], group, *rest, "净值", "规模"),
        (*(None,) * 4, *names, None, None),
        (2024, 11, "P1", "C1", *cells, 1.2345, 1000000),
    ]


@pytest.mark.parametrize("kind", [*KINDS, "merged"])
@pytest.mark.parametrize(("names", "cells", "rate"), GROUPS.values(), ids=GROUPS.keys())
def test_a_qualifier_tells_the_column_of_a_group(
    names: tuple[str, ...], cells: tuple[float, ...], rate: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = grouped(names, cells)
    merges = [f"E1:{'EFGH'[len(names) - 1]}1", "A1:A2", "D1:D2"]
    path = formatted(tmp_path, rows, merges=merges) if kind == "merged" else book(tmp_path, rows, kind)
    result = read(path, domain)
    assert outcome(result) == [f"P1 {rate} 1.2345 1000000.00"]
    assert len(result.report.ignored_columns) == len(names) - 1


AMBIGUOUS: dict[str, tuple[str, ...]] = {
    "no qualifier": ("组合", "本年累计"),
    "two qualifiers": ("本月", "计划"),
    "other months": ("9月", "10月"),
    "years": ("2023年", "2024年"),
    "before and after fees": ("费前", "费后"),
}


@pytest.mark.parametrize("kind", [*KINDS, "merged"])
@pytest.mark.parametrize("names", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_group_of_which_no_column_or_several_may_be_meant_is_an_error(
    names: tuple[str, ...], kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = grouped(names, (0.01, 0.02))
    path = formatted(tmp_path, rows, merges=["E1:F1"]) if kind == "merged" else book(tmp_path, rows, kind)
    with pytest.raises(ColumnAmbiguous, match=r"E2.*F2"):
        read(path, domain)


@pytest.mark.parametrize("kind", KINDS)
def test_groups_with_the_month_of_the_file_name(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [
        ("计划代码", "公司代码", "收益率", None, None),
        (None, None, "9月", "10月", "11月"),
        ("P1", "C1", 0.1, 0.2, 0.0041),
    ]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [f"P1 {MONTH}  "]
    assert outcome(read(book(tmp_path, rows, kind, "2024-10_受托业绩"), domain)) == ["P1 0.200000  "]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("group", ["本年累计", "上年同期", "年初至今", "近一年", "累计业绩", "上月"])
def test_a_name_below_another_period_is_not_that_of_the_month(
    group: str, kind: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [(*HEADER[:4], group, "本月", None), (*(None,) * 4, *HEADER[4:]), row(rate=0.0822)]
    with pytest.raises(ColumnDoubtful, match="E2"):
        read(book(tmp_path, rows, kind), domain)
    both = [(*HEADER[:4], group, None, "本月", None), (*(None,) * 4, "收益率", "规模", "收益率", "规模")]
    cells = (2024, 11, "P1", "C1", 0.0822, 5, 0.0041, 7)
    assert outcome(read(book(tmp_path, [*both, cells], kind), domain)) == [f"P1 {MONTH}  7.00"]


@pytest.mark.parametrize("kind", [*KINDS, "merged"])
@pytest.mark.parametrize("names", [("本年", "本月"), ("本月", "本年")])
def test_a_third_row_of_names_is_refused(names: tuple[str, str], kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [
        (*HEADER[:4], "业绩", None, None),
        (*(None,) * 4, "收益率", None, "规模"),
        (*(None,) * 4, *names, None),
        (2024, 11, "P1", "C1", 0.0822, 0.0041, 5),
    ]
    path = formatted(tmp_path, rows, merges=["E1:G1", "E2:F2"]) if kind == "merged" else book(tmp_path, rows, kind)
    with pytest.raises(ColumnAmbiguous, match=r"E3 .*F3"):
        read(path, domain)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("title", ["累计业绩", "受托业绩", "业绩情况"])
def test_a_title_over_the_keys_is_no_group(title: str, kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(title,), HEADER, row()]
    path = formatted(tmp_path, rows, merges=["A1:G1"]) if kind == "xlsx" else book(tmp_path, rows, kind)
    assert outcome(read(path, domain)) == [f"P1 {GOOD}"]


@pytest.mark.parametrize(("names", "loads"), [(("期初", "期末"), "7.00"), (("月末", "年初"), "5.00")])
def test_a_group_of_amounts(names: tuple[str, ...], loads: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:6], "规模", None), (*(None,) * 6, *names), (*row()[:6], 5, 7)]
    assert outcome(read(formatted(tmp_path, rows, merges=["G1:H1"]), domain)) == [f"P1 0.012300 1.2345 {loads}"]


def test_qualifiers_are_configurable(tmp_path: Path, domain: Domain) -> None:
    path = formatted(tmp_path, grouped(("费前", "费后"), (0.01, 0.0041)), merges=["E1:F1"])
    result = read(path, domain, qualifiers={"return_rate": ("费后",)})
    assert outcome(result) == [f"P1 {MONTH} 1.2345 1000000.00"]


# --- sheets left unread ------------------------------------------------------------------------------------------


def sheets(folder: Path, kind: str, **tables: Rows) -> Path:
    """A workbook of several sheets."""
    path = folder / f"{NAME}.{kind}"
    if kind == "xls":
        workbook = xlwt.Workbook()
        for name, rows in tables.items():
            sheet = workbook.add_sheet(name)
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write(line, column, cell)
        workbook.save(str(path))
        return path
    if kind == "ods":
        bodies = []
        for name, rows in tables.items():
            writers.write_ods(rows, path)
            respell(path, lambda parts: bodies.append(parts["content.xml"]) or parts)  # type: ignore[func-returns-value]
            bodies[-1] = bodies[-1].replace(f'table:name="{writers.SHEET}"'.encode(), f'table:name="{name}"'.encode())
        start, end = b"<table:table table:name", b"</office:spreadsheet>"
        inner = b"".join(body[body.index(start) : body.index(end)] for body in bodies)
        whole = bodies[0][: bodies[0].index(start)] + inner + bodies[0][bodies[0].index(end) :]
        return respell(path, lambda parts: parts | {"content.xml": whole})
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in tables.items():
        sheet = made.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    made.save(path)
    return path


UNREAD: dict[str, tuple[dict[str, Rows], list[str]]] = {
    "a sheet for each company": (
        {"C1公司": [HEADER, row()], "C2公司": [HEADER, row("P2")], "C3公司": [HEADER, row("P3")]},
        ["C2公司", "C3公司"],
    ),
    "a table of fewer columns": ({"a": [HEADER, row()], "b": [SHORT[:2], ("P2", "C1")]}, ["b"]),
    "a table below titles": ({"a": [HEADER, row()], "b": [("标题",), (), HEADER, row("P2")]}, ["b"]),
    "a header alone": ({"a": [HEADER, row()], "b": [HEADER]}, ["b"]),
    "notes and other tables": ({"a": [HEADER, row()], "b": [("说明",)], "c": [("姓名", "电话"), ("张三", 1)]}, []),
    "an empty sheet": ({"a": [HEADER, row()], "b": []}, []),
}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
@pytest.mark.parametrize(("tables", "named"), UNREAD.values(), ids=UNREAD.keys())
def test_sheets_that_hold_a_table_and_are_not_read_are_named(
    tables: dict[str, Rows], named: list[str], kind: str, tmp_path: Path, domain: Domain
) -> None:
    result = read(sheets(tmp_path, kind, **tables), domain)
    assert outcome(result) == [f"P1 {GOOD}"]
    assert warned(result) == ["sheets_not_read"] * bool(named)
    assert all(name in result.report.warnings[0].detail for name in named)


def test_hidden_sheets_and_sheets_that_are_read_are_not_named(tmp_path: Path, domain: Domain) -> None:
    path = sheets(tmp_path, "xlsx", a=[HEADER, row()], b=[HEADER, row("P2")], c=[HEADER, row("P3")])
    workbook = openpyxl.load_workbook(path)
    workbook["c"].sheet_state = "hidden"
    workbook.save(path)
    assert warned(read(path, domain)) == ["sheets_not_read"]
    assert "c" not in read(path, domain).report.warnings[0].detail.partition(" hold")[0].rpartition(":")[2]
    assert [warned(result) for result in read_all(path, domain, sheets="^[ab]$")] == [[], []]


def test_a_domain_may_read_the_first_of_the_sheets_only_where_it_has_a_table(tmp_path: Path, domain: Domain) -> None:
    path = sheets(tmp_path, "xlsx", 封面=[("说明",)], 数据=[SHORT, short()])
    with pytest.raises(DataError):
        read(path, domain)
    assert outcome(read(path, domain, sheet="auto")) == [f"P1 {GOOD}"]
