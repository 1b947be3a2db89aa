"""What a number format says, against what Excel shows (ECMA-376 part 1, 18.8.31)."""

import pytest

from extract.workbook.number_formats import NumberFormat, Sign

SILENT = (
    "General", "0", "0.00", "#,##0", "#,##0.00", "0.00E+00", "@", "yyyy-mm-dd", 'yyyy"年"m"月"d"日"', "[h]:mm",
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0.00_);[Red](0.00)", '"¥"#,##0.00', "[$¥-804]#,##0.00",
    "mmm-yy", "[Red]0.00;[Blue]-0.00", "0.00;-0.00;-", "G/通用格式", "", "0.00;[Red]0.00", "0.00;[红色]0.00",
    "+0.00;-0.00;0.00", "[<0]-0.00;0.00", "0.00;(0.00)", "0.00;（0.00）", "0.00;0.00-", "*00.00",
)  # fmt: skip


@pytest.mark.parametrize("code", SILENT)
def test_formats_that_say_nothing(code: str) -> None:
    assert not NumberFormat(code).says_something


@pytest.mark.parametrize(
    ("code", "number", "percent", "scale", "prefix", "suffix"),
    [
        ("0%", 0.05, True, 0, "", ""),
        ("0.00\\ %", 0.05, True, 0, "", ""),
        ("[Red]0.00%;-0.00%", -0.05, True, 0, "", ""),
        ("0.00%;0.00", -0.05, False, 0, "", ""),
        ('0.00"%"', 5, False, 0, "", "%"),
        ("0.00\\%", 5, False, 0, "", "%"),
        ("0.00!%", 5, False, 0, "", "%"),
        ('0.00" %"', 5, False, 0, "", "%"),
        ('0.00"‰"', 5, False, 0, "", "‰"),
        ('#,##0.00"万元"', 5, False, 0, "", "万元"),
        ("0.00\\万\\元", 5, False, 0, "", "万元"),
        ("0.00万元", 5, False, 0, "", "万元"),
        ('"约"0.00', 5, False, 0, "约", ""),
        ("#,##0,", 5000, False, 3, "", ""),
        ("#,##0.00,,", 5e6, False, 6, "", ""),
        ('0.00,,"百万"', 5e6, False, 6, "", "百万"),
        ("0!.0,", 50000, False, 4, "", ""),
        ('0!.0,"万"', 50000, False, 4, "", "万"),
        ("0\\.0000", 50000, False, 4, "", ""),
        ('0!.00,,"亿"', 5e8, False, 8, "", "亿"),
        ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 2e8, False, 8, "", "亿"),
        ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 10000, False, 4, "", "万"),
        ('[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0', 9999, False, 0, "", ""),
        ('[<1]0.00%;0.00"%"', 0.5, True, 0, "", ""),
        ('[<1]0.00%;0.00"%"', 5, False, 0, "", "%"),
        ('0.00"%";\\-0.00', -5, False, 0, "", ""),
        ('0.00"a;b"', 5, False, 0, "", "a;b"),
        ('0;-0;"无"', 0, False, 0, "无", ""),
    ],
)
def test_how_a_number_is_shown(code: str, number: float, percent: bool, scale: int, prefix: str, suffix: str) -> None:
    section = NumberFormat(code).section(number)
    assert (section.percent, section.scale, section.prefix, section.suffix) == (percent, scale, prefix, suffix)
    assert NumberFormat(code).says_something


@pytest.mark.parametrize(
    ("code", "number", "sign"),
    [
        ('"-"0.00', 5, Sign.OTHER),
        ('"-"0.00', -5, Sign.OTHER),
        ("(0.00)", 5, Sign.OTHER),
        ("(0.00)", 0, Sign.OWN),
        ("0.00-", 5, Sign.OTHER),
        ('"("0.00")"', 5, Sign.OTHER),
        ("-0.00;0.00", 5, Sign.OTHER),
        ("-0.00;0.00", -5, Sign.NONE),
        ("0.00;0.00", 5, Sign.OWN),
        ("0.00;0.00", -5, Sign.NONE),
        ("0.00;0.00;-", 0, Sign.OWN),
        ("0.00;[Red]0.00", -5, Sign.OWN),
        ("▲0.00%;▼0.00%", -5, Sign.OWN),
        ('"万元"0.00;"万元"0.00', -5, Sign.NONE),
        ("[<1]0.00;0.0", -5, Sign.OWN),
        ("[>=0]-0.00;0.0", 5, Sign.OTHER),
        ('0.00"(元)"', 5, Sign.OWN),
    ],
)
def test_the_sign_that_is_shown(code: str, number: float, sign: Sign) -> None:
    assert NumberFormat(code).sign(number) is sign
    assert sign is Sign.OWN or NumberFormat(code).says_something


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("000000", 123, "000123"),
        ("000000", 1234567, "1234567"),
        ("00", 7, "07"),
        ('"99JH"00000000', 123, "99JH00000123"),
        ("\\P000", 12, "P012"),
        ('0000"-"00', 202411, "2024-11"),
        ("General", 123, None),
        ("0", 123, None),
        ("0.00", 123, None),
        ("0%", 123, None),
    ],
)
def test_a_code_as_shown(code: str, number: int, shown: str | None) -> None:
    assert NumberFormat(code).shown_code(str(number), number) == shown
