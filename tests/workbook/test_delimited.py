"""csv and tsv: separators, protected zeros, what a text must not hold."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.table import HeaderNotFound
from extract.errors.workbook import NotAWorkbook, WorkbookUnreadable
from extract.limits import Limits
from extract.workbook.delimited import read_delimited
from reading import cells, read, records

LINES = (HEADER, (2024, 11, "P1", "C1", 0.01, 1.5, 1000), (2024, 11, "P2", "C1", 0.02, 1.6, 2000))
GOOD = ["2024-11-01,P1,C1,0.010000,1.5000,1000.00,true", "2024-11-01,P2,C1,0.020000,1.6000,2000.00,true"]


def rows(text: str, name: str = "x.csv") -> list[list[object]]:
    """The rows of a text."""
    return [list(row) for row in read_delimited(text.encode(), name, Limits()).rows]


# --- protected zeros ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('="000123"', "000123"),
        ('"=""000123"""', "000123"),
        ('= "000123"', "000123"),
        ('=""', ""),
        ('"=""a""""b"""', 'a"b'),
        ('"=""00,123"""', "00,123"),
        ("=000123", "=000123"),
        ('="000123', '="000123'),
        ('="1"&"2"', '="1"&"2"'),
        ("=1+1", "=1+1"),
        ('"000123"', "000123"),
    ],
)
def test_protected_texts(written: str, read_as: str) -> None:
    assert rows(f"x,{written},y\n1,{written},2\n") == [["x", read_as, "y"], ["1", read_as, "2"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_protected_texts_load_in_every_column(separator: str, tmp_path: Path, domain: Domain) -> None:
    lines = [HEADER, *([f'="{value}"' for value in line] for line in LINES[1:])]
    lines[1][2] = '="000123"'
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_text("\n".join(separator.join(map(str, line)) for line in lines), encoding="utf-8")
    assert records(read(path, domain)) == [GOOD[0].replace("P1", "000123"), GOOD[1]]


# --- separators --------------------------------------------------------------------------------------------------

COMMAS = "年;月;计划代码;公司代码;收益率;净值;规模\n" + "2024;11;P1;C1;1,25%;1,234;1,000,000.50\n" * 5
SEPARATED = {
    "commas": ("a,b,c\n1,2,3\n", ","),
    "semicolons": ("a;b;c\n1;2;3\n", ";"),
    "tabs": ("a\tb\tc\n1\t2\t3\n", "\t"),
    "bars": ("a|b|c\n1|2|3\n", "|"),
    "more commas in numbers than semicolons": (COMMAS, ";"),
    "two columns with numbers of thousands": ("a;b\n" + "1,234,567.00;1,234,567.00\n" * 9, ";"),
    "titles with commas": ("月报, 2024, 11\n单位, 元\na;b;c;d\n" + "1,5;2;3;4\n" * 3, ";"),
    "rows that leave out their last cells": ("a;b;c;d\n" + "1,5;2,5;3,5;4\n1,5;2,5;3,5\n" * 5, ";"),
    "separators in quotes": ('a,b,c\n"x;y;z;u",2,3\n"x;y;z;u",2,3\n', ","),
    "a quoted cell of several lines": ('a|b\n"x,y\n,z,u\n,v"|2\n', "|"),
    "a semicolon in a remark of each row": ("a,b,c\n" + "1,2,x;y\n" * 5, ","),
    "bars in a text": ("a,b,c\nx|y,2,3\nx|y|z,2,3\n", ","),
    "one column": ("a\n1\n2\n", ","),
    "nothing": ("", ","),
    "a quote that never ends": ('a;b;c\n1;"2;3\n' + "4;5;6\n" * 3, ";"),
}


@pytest.mark.parametrize(("text", "separator"), SEPARATED.values(), ids=SEPARATED.keys())
def test_the_separator(text: str, separator: str) -> None:
    if text.count('"') % 2:
        with pytest.raises(WorkbookUnreadable, match="no valid CSV"):
            read_delimited(text.encode(), "x.csv", Limits())
        return
    assert read_delimited(text.encode(), "x.csv", Limits()).delimiter == separator


def test_a_tsv_is_separated_by_tabs_where_it_has_any() -> None:
    assert rows("a,b\tc\n1,2\t3\n", "x.tsv") == [["a,b", "c"], ["1,2", "3"]]
    assert rows("a,b\n1,2\n", "x.tsv") == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", ":", "^"])
@pytest.mark.parametrize("form", ["sep={}", "SEP={}", '"sep={}"'])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_sep_decides_and_is_no_row(
    separator: str, form: str, end: str, tmp_path: Path, domain: Domain
) -> None:
    lines = [form.format(separator), *(separator.join(map(str, line)) for line in LINES), f"2024{separator}x"]
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes(b"\xef\xbb\xbf" + end.join(lines).encode())
    result = read(path, domain, max_reject_ratio=1)
    assert records(result) == GOOD
    assert result.report.header_row == 1  # as Excel shows it
    assert cells(result)[0][0][1:] == "4"
    assert "as its first line says" in result.report.notes[0]


@pytest.mark.parametrize("text", ["sep=;;\na;b\n", "sep=\na;b\n", "x,sep=;\na,b\n", "a,b\nsep=;,1\n"])
def test_a_line_that_is_not_quite_sep_is_a_row(text: str) -> None:
    assert len(rows(text)) == 2


def test_a_file_of_one_column_says_so(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_text("^".join(HEADER) + "\n", encoding="utf-8")
    text = read_delimited(path.read_bytes(), path.name, Limits())
    assert text.note == "read as UTF-8, one column: no comma, tab, semicolon, vertical bar (|) separates its lines"
    assert text.delimiter == ","
    with pytest.raises(HeaderNotFound):
        read(path, domain)


@pytest.mark.parametrize("suffix", ["csv", "txt", "xlsx", "dat"])
def test_bars_make_a_table_whatever_the_name(suffix: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"2024-11_受托业绩.{suffix}"
    path.write_text("\n".join("|".join(map(str, line)) for line in LINES), encoding="utf-8")
    result = read(path, domain)
    assert records(result) == GOOD
    assert result.report.notes[0] == "read as UTF-8, separated by vertical bar (|)"


# --- control characters ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["\0", "\x07", "\x1b[31m", "\x08", "\x7f"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_control_character_is_named_with_its_line_and_never_shown(control: str, encoding: str) -> None:
    text = "年,月\n2024,1" + control + "1\n"
    with pytest.raises(
        WorkbookUnreadable, match=rf"line 2 holds the control character U\+{ord(control[0]):04X}"
    ) as raised:
        read_delimited(text.encode(encoding), "x.csv", Limits())
    assert control not in raised.value.message


def test_the_end_of_a_text_of_dos_is_no_trouble(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes("\r\n".join(",".join(map(str, line)) for line in LINES).encode("gbk") + b"\r\n\x1a")
    assert read(path, domain).report.rows_read == len(LINES) - 1


def test_a_control_character_far_down(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    lines = "\n".join(",".join(map(str, line)) for line in [*LINES, *(LINES[1],) * 4000])
    path.write_text(lines + "\n2024,11,P\0,C1\n", encoding="utf-8")
    with pytest.raises(WorkbookUnreadable, match="line 4004 holds the control character U\\+0000"):
        read(path, domain)
    path.write_text("年,月\n2024,\0", encoding="utf-8")
    with pytest.raises(NotAWorkbook):
        read(path, domain)


def test_form_feeds_and_vertical_tabs() -> None:
    assert rows("a,b\n1\x0c,2\n") == [["a", "b"], ["1\x0c", "2"]]
    with pytest.raises(WorkbookUnreadable, match=r"U\+000B"):
        rows("a,b\n1\x0b,2\n")


# --- encodings ---------------------------------------------------------------------------------------------------

SIMPLE = "\n".join(",".join(map(str, line)) for line in LINES)
TRADITIONAL = SIMPLE.translate(str.maketrans("计划码净规", "計劃碼淨規"))
ENGLISH = "report_period,plan_code,company_code,return_rate,nav,fund_scale\n2024-11,{},C1,0.01,1.5,1000\n"


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        (SIMPLE, "gb18030", "GB18030"),
        (TRADITIONAL, "gb18030", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
        ("受託業績情況表,,,,,,\n" + TRADITIONAL, "cp950", "Big5"),
        (SIMPLE, "utf-16-le", "UTF-16 without BOM"),
        (TRADITIONAL, "utf-16-be", "UTF-16 without BOM"),
        (SIMPLE, "utf-8", "UTF-8"),
    ],
)
def test_a_text_in_any_encoding(text: str, encoding: str, shown: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes(text.encode(encoding))
    result = read(path, domain)
    assert (records(result), result.report.notes) == (GOOD, (f"read as {shown}, separated by comma",))


@pytest.mark.parametrize(
    ("code", "encoding"),
    [("甲計劃", "big5"), ("長江", "big5"), ("台積電", "big5"), ("甲计划", "gb18030"), ("長江", "gb18030"),
     ("养老1号", "gbk"), ("Ж1", "utf-8"), ("Ä·1", "utf-8")],
)  # fmt: skip
def test_a_code_in_any_encoding(code: str, encoding: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes(ENGLISH.format(code).encode(encoding))
    result = read(path, domain)
    known = [record.split(",")[1] for record in records(result)] or cells(result)
    assert known in ([code.upper()], [("B2", "invalid_code")])


@pytest.mark.parametrize(
    ("code", "encoding", "others"),
    [("某", "gbk", "UTF-8 or in GB18030"),
     ("單一國", "big5", "GB18030 or in Big5")],
)  # fmt: skip
def test_a_text_that_may_be_in_two_encodings_is_refused(
    code: str, encoding: str, others: str, tmp_path: Path, domain: Domain
) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes(ENGLISH.format(code).encode(encoding))
    with pytest.raises(WorkbookUnreadable, match=f"may be in {others}: save it as CSV UTF-8"):
        read(path, domain)


def test_half_a_sign_of_utf_16_is_no_table(tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / "2024-11_受托业绩.csv"
    path.write_bytes(SIMPLE.encode("utf-16-le")[:-1])
    with pytest.raises(NotAWorkbook):
        read(path, domain)
