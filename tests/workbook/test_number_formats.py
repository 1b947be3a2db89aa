"""rules.md, Units and codes: what the number format of a cell says about its number is part of what is read."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.workbook.number_formats import Sign, number_format
from layouts import GOOD, Shown, book, formatted, outcome, respell, row, warned
from reading import read

# --- amounts -----------------------------------------------------------------------------------------------------

AMOUNTS: dict[str, tuple[str, float, str]] = {
    "万元": ('#,##0.00"万元"', 35124.45, "351244500.00"),
    "General and 万元": ('General"万元"', 35124.45, "351244500.00"),
    "the Chinese name of General": ('G/通用格式"万元"', 35124.45, "351244500.00"),
    "a space before it": ('#,##0.00" 万元"', 35124.45, "351244500.00"),
    "a space as wide as a bracket": ('#,##0.00_)"万元"', 35124.45, "351244500.00"),
    "escaped characters": (r"0.00\万\元", 35124.45, "351244500.00"),
    "an exclamation mark escapes too": ("0.00!万!元", 35124.45, "351244500.00"),
    "without quotes": ("0.00亿元", 2, "200000000.00"),
    "人民币 before it": ('"人民币"0.00"万元"', 35124.45, "351244500.00"),
    "a currency before it": ('[$￥-804]#,##0.00"万元"', 35124.45, "351244500.00"),
    "元": ('#,##0.00"元"', 35124.45, "35124.45"),
    "亿": ('0.0000"亿"', 3.5, "350000000.00"),
    "sections for signs": ('#,##0.00"万元";-#,##0.00"万元"', 35124.45, "351244500.00"),
    "a section by size": ('[>=10000]0.00"万元";0.00"元"', 35124.45, "351244500.00"),
    "the other section by size": ('[>=100000]0.00"万元";0.00"元"', 35124.45, "35124.45"),
    "a colour": ('[Red]#,##0.00"万元"', 35124.45, "351244500.00"),
    "scaled by an escaped point and a comma": ('0!.0,"万元"', 351234501, "351234501.00"),
    "scaled by an escaped point": ('0!.0000"万元"', 351234501, "351234501.00"),
    "scaled by commas": ('0.00,,"百万元"', 351234501, "351234501.00"),
    "scaled by one comma": ('#,##0.00,"千元"', 351234501, "351234501.00"),
    "scaled without a unit": ("#,##0.00,", 351234501, "351234501.00"),
    "nothing": ("#,##0.00", 35124.45, "35124.45"),
    "a fraction": ("# ?/100", 35124.45, "35124.45"),
    "accounts": (r'_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 35124.45, "35124.45"),
}


@pytest.mark.parametrize(("code", "number", "loads"), AMOUNTS.values(), ids=AMOUNTS.keys())
@pytest.mark.parametrize("header", [HEADER, (*HEADER[:6], "规模(千元)")])
def test_an_amount_means_what_it_is_shown_as(
    code: str, number: float, loads: str, header: tuple[str, ...], tmp_path: Path, domain: Domain
) -> None:
    stated = any(unit in code for unit in "元亿") and "," not in code.rpartition('"')[0][-2:] and "!." not in code
    if header is not HEADER and not stated:
        return  # the header decides, or contradicts the scale: below
    result = read(formatted(tmp_path, [header, row(scale=Shown(number, code))]), domain)
    assert outcome(result) == [f"P1 0.012300 1.2345 {loads}"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("规模(万元)", '0!.0,"千元"'),
        ("规模", '0!.0,"亿元"'),
        ("规模", '0.00,"万元"'),
        ("规模(万元)", "#,##0.00,"),
        ("规模", '0.00"美元"'),
        ("规模", '0.00"万美元"'),
        ("规模", '0.00"万份"'),
        ("规模", '"约"0.00"万元"'),
        ("规模", '0.00"%"'),
        ("规模", '0.00"K"'),
    ],
)
def test_an_amount_whose_format_contradicts_itself_or_its_column_is_rejected(
    header: str, code: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [(*HEADER[:6], header), row(scale=Shown(351234501, code)), row("P2", scale="1元")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == ["P2 0.012300 1.2345 1.00", "G2 invalid_number"]


@pytest.mark.parametrize(
    "code",
    ['"-"0.00', "(0.00)", "-0.00;0.00", "0.00-", '0"000"', r"0\0\0", '"1"0.00', '0.0"0"', "0*0", '0.00"¹"', "0.00 E3",
     '"2024:"0.00'],
)  # fmt: skip
def test_a_figure_that_is_shown_as_another_one_is_rejected(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(scale=Shown(1000, code)), row("P2", value=Shown(1.5, code)), row("P3"), row("P4")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == [
        f"P3 {GOOD}", f"P4 {GOOD}", "G2 invalid_number", "F3 invalid_number",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["0.00%", "0%;-0%"])
def test_an_amount_or_price_that_is_shown_as_a_percentage_is_told(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(scale=Shown(1000000, code)), row("P2", value=Shown(1.2345, code)), row("P3", scale="5%")]
    result = read(formatted(tmp_path, rows), domain)
    assert outcome(result) == [f"P1 {GOOD}", f"P2 {GOOD}", "G4 invalid_number"]
    assert [warning.detail[:9] for warning in result.report.warnings] == ["F3 1.2345", "G2 100000"]
    assert warned(result) == ["shown_otherwise"] * 2


@pytest.mark.parametrize("code", ["[$€-407]#,##0.00", "#,##0.00 [$€-407]", '"$"#,##0.00', "£0.00", "[$¥-411]0.00"])
def test_another_currency_is_told(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(scale=Shown(1000000, code)), row("P2", value=Shown(1.2345, code)), row("P3")]
    result = read(formatted(tmp_path, rows), domain)
    assert (outcome(result), warned(result)) == ([f"P{n} {GOOD}" for n in (1, 2, 3)], ["unit_not_read"] * 2)
    assert [warning.detail[:2] for warning in result.report.warnings] == ["F3", "G2"]


def test_another_currency_in_a_text_is_told(tmp_path: Path, domain: Domain) -> None:
    result = read(formatted(tmp_path, [HEADER, row(scale="$1,000,000"), row("P2", scale="￥1,000,000")]), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}", f"P2 {GOOD}"], ["unit_not_read"])


# --- shares ------------------------------------------------------------------------------------------------------

SHARES: dict[str, tuple[str, float, str]] = {
    "a literal % in quotes": ('0.00"%"', 0.24, "0.002400"),
    "a literal % escaped": (r"0.00\%", 1.4, "0.014000"),
    "a literal % behind an exclamation mark": ("0.00!%", 0.24, "0.002400"),
    "a full-width %": ('0.00"％"', 0.24, "0.002400"),
    "a space and a literal %": ('0.00" %"', 24, "0.240000"),
    "‰": ('0.00"‰"', 2.4, "0.002400"),
    "a literal % in each section": (r"0.00\%;-0.00\%;0.00\%", -0.24, "-0.002400"),
    "a percentage": ("0.00%", 0.055, "0.055000"),
    "a percentage beyond one": ("0.00%", 1.5, "1.500000"),
    "a percentage in brackets": ("0.00%;(0.00%)", -0.055, "-0.055000"),
    "a percentage with a text": ('"率"0.00%', 0.055, "0.055000"),
    "a percentage of colours": ("[Red]0.00%;[Green]-0.00%", -0.055, "-0.055000"),
}


@pytest.mark.parametrize("header", ["收益率", "收益率(%)", "收益率(‰)"])
@pytest.mark.parametrize(("code", "number", "loads"), SHARES.values(), ids=SHARES.keys())
def test_a_share_means_what_it_is_shown_as_whatever_its_header_says(
    code: str, number: float, loads: str, header: str, tmp_path: Path, domain: Domain
) -> None:
    rows = [(*HEADER[:4], header, *HEADER[5:]), row(rate=Shown(number, code))]
    result = read(formatted(tmp_path, rows), domain)
    assert outcome(result) == [f"P1 {loads} 1.2345 1000000.00"]
    assert warned(result) == []


def test_percentages_among_plain_numbers(tmp_path: Path, domain: Domain) -> None:
    cells = [Shown(0.055, "0.00%"), Shown(1.5, "0%"), 2.1, Shown(0.24, '0.00"%"'), "3%"]
    expected = ["0.055000", "1.500000", "0.021000", "0.002400", "0.030000"]
    for header in ("收益率(%)", "收益率"):
        rows = [(*HEADER[:4], header, *HEADER[5:]), *(row(f"P{n}", rate=cell) for n, cell in enumerate(cells))]
        assert [record.split()[1] for record in outcome(read(formatted(tmp_path, rows), domain))] == expected


@pytest.mark.parametrize("code", ['0.00"bp"', '0.00"元"', '0.00"倍"'])
def test_a_share_in_another_unit_is_rejected(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(rate=Shown(5, code)), row("P2")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == [f"P2 {GOOD}", "E2 invalid_number"]


@pytest.mark.parametrize("kind", ["xls", "xlsb"])
def test_where_formats_cannot_be_read_a_percentage_is_not_verified(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], "收益率(%)", *HEADER[5:]), row(rate=1.23)]
    result = read(book(tmp_path, rows, kind), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {GOOD}"], ["unit_not_verified"])


ODS_PERCENT = {
    "as the cell says": ('office:value-type="float" office:value="0.055"', 'office:value-type="percentage" '
                         'office:value="0.055"'),
    "in another order": ('office:value-type="float" office:value="0.055"', 'office:value="0.055" '
                         'office:value-type="percentage"'),
    "with the text shown": ('office:value-type="float" office:value="0.055"/>', 'office:value-type="percentage" '
                            'office:value="0.055"><text:p>5.50%</text:p></table:table-cell>'),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), ODS_PERCENT.values(), ids=ODS_PERCENT.keys())
def test_an_ods_says_which_cells_are_percentages(old: str, new: str, tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], "收益率(%)", *HEADER[5:]), row(rate=0.055), row("P2", rate=5.5)]
    path = respell(
        book(tmp_path, rows, "ods"),
        lambda parts: parts | {"content.xml": parts["content.xml"].replace(old.encode(), new.encode())},
    )
    assert outcome(read(path, domain)) == ["P1 0.055000 1.2345 1000000.00", "P2 0.055000 1.2345 1000000.00"]


# --- unit values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ['0.0000"元"', '"¥"0.0000', '[$￥-804]0.0000"元"', '"人民币"0.0000"元"'])
def test_a_unit_value_in_yuan(code: str, tmp_path: Path, domain: Domain) -> None:
    result = read(formatted(tmp_path, [HEADER, row(value=Shown(1.2345, code))]), domain)
    assert outcome(result) == [f"P1 {GOOD}"]


@pytest.mark.parametrize("code", ['0.00"万元"', '0.00"%"', '0.00"美元"'])
def test_a_unit_value_in_another_unit_is_rejected(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(value=Shown(1.2345, code)), row("P2")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == [f"P2 {GOOD}", "F2 invalid_number"]


# --- codes -------------------------------------------------------------------------------------------------------

CODES: dict[str, tuple[str, float, str]] = {
    "zeros": ("000000", 123, "000123"),
    "zeros that are not needed": ("000000", 1234567, "1234567"),
    "a prefix": ('"99JH"00000000', 7, "99JH00000007"),
    "an escaped prefix": (r"\P000", 7, "P007"),
    "dashes between": ("00-00-00", 123, "000123"),
    "a text behind": ('000"A"', 7, "007A"),
    "a text alone before": ('"P"0', 7, "P7"),
    "zeros for each sign": ("000000;-000000", 123, "000123"),
    "a plain format": ("0", 90164, "90164"),
    "digits of text": ("@", 90164, "90164"),
    "General": ("General", 90164, "90164"),
    "grouped": ("#,##0", 90164, "90164"),
}


@pytest.mark.parametrize(("code", "number", "loads"), CODES.values(), ids=CODES.keys())
def test_a_code_is_what_is_shown(code: str, number: float, loads: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(Shown(number, code), company=Shown(3, "000"))]
    result = read(formatted(tmp_path, rows), domain)
    assert outcome(result) == [f"{loads} {GOOD}"]
    assert result.records.decode().split(",")[2] == "003"


def test_a_text_and_a_number_shown_alike_are_one_code(tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(Shown(123, "000000")), row("000123"), row("000123", company="C2")]
    result = read(formatted(tmp_path, rows), domain)
    assert result.report.rows_skipped["duplicate"] == 1
    assert outcome(result) == [f"000123 {GOOD}", f"000123 {GOOD}"]


LONG: dict[str, object] = {
    "eighteen digits": 123456789012345000.0,
    "an integer of as many": 123456789012345680,
    "a format of no point": Shown(9912345678901230000, "0"),
    "zeros before": Shown(9912345678901230000, "0" * 20),
    "sixteen digits": 1234567890123456,
}


@pytest.mark.parametrize("number", LONG.values(), ids=LONG.keys())
def test_a_number_of_more_than_15_digits_is_no_code(number: object, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row("P1"), row(number), row(123456789012345, company="C2")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == [
        f"P1 {GOOD}",
        f"123456789012345 {GOOD}",
        "C3 invalid_code",
    ]


@pytest.mark.parametrize("kind", ["xls", "xlsb", "ods"])
def test_a_number_of_more_than_15_digits_is_no_code_in_other_formats(kind: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row("P1"), row(123456789012345680.0), row("123456789012345680", company="C2")]
    assert outcome(read(book(tmp_path, rows, kind), domain)) == [
        f"P1 {GOOD}",
        f"123456789012345680 {GOOD}",
        "C3 invalid_code",
    ]


# --- signs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "rate", "loads", "codes"),
    [
        ("0.00%;0.00%", -0.05, "-0.050000", ["shown_otherwise"]),
        ("0.0000;0.0000", -0.05, "-0.050000", ["shown_otherwise"]),
        ("0.00%;0.00%", 0.05, "0.050000", []),
        ("0.00%;[Red]0.00%", -0.05, "-0.050000", []),
        ("0.00%;(0.00%)", -0.05, "-0.050000", []),
    ],
)
def test_a_negative_figure_without_its_sign_is_told(
    code: str, rate: float, loads: str, codes: list[str], tmp_path: Path, domain: Domain
) -> None:
    result = read(formatted(tmp_path, [HEADER, row(rate=Shown(rate, code))]), domain)
    assert (outcome(result), warned(result)) == ([f"P1 {loads} 1.2345 1000000.00"], codes)


@pytest.mark.parametrize("code", ['"-"0.00%', "(0.00%)", "-0.0000", '0"0"%', '0.0"0"%'])
def test_a_share_that_is_shown_as_another_one_is_rejected(code: str, tmp_path: Path, domain: Domain) -> None:
    rows = [HEADER, row(rate=Shown(0.05, code)), row("P2")]
    assert outcome(read(formatted(tmp_path, rows), domain)) == [f"P2 {GOOD}", "E2 invalid_number"]


@pytest.mark.parametrize(
    ("code", "held"),
    [
        ("0.00", True),
        ("0.00%", True),
        ('#,##0.00"万元"', True),
        ("0000", True),
        ("(0.00)", False),
        ('"-"0.00', False),
        ('0"000"', False),
        ('"x"', False),
        ("[$€-407]0.00", False),
        ("[>1]0.00%", False),
        ("0.00;0.00", False),
        ("0.00;-0.00", False),
    ],
)
def test_of_a_format_that_shows_what_is_held_nothing_is_asked_for_each_number(code: str, held: bool) -> None:
    quick = number_format(code)
    assert quick.shows_as_held is held
    for number in (1234.5, -1234.5, 0.0) if held else ():
        section = quick.section(number)
        told = (section.hides, section.further_digits, section.currency, quick.sign(number))
        assert told == (False, False, "", Sign.OWN)
