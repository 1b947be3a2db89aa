"""rules.md, Texts, Dates and Marks: the field types for workbooks that were not made for us."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from conftest import TODAY
from extract.fields.base import CellType, FileContext, Words
from extract.fields.date_formats import date_format
from extract.fields.dates import Date, Month, MonthOf
from extract.fields.integers import Integer
from extract.fields.marks import MarkOf
from extract.fields.numbers import SHARE_UNITS, Number, Share
from extract.fields.texts import Choice, Text
from extract.workbook.cells import Cell, ErrorCell, UncalculatedCell

SPANISH = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "set", "oct", "nov", "dic")
WORDS = Words(
    months={word: number for number, word in enumerate(SPANISH, start=1)} | {"二月": 2, "setiembre": 9},
    marks={"*": "suppressed", "<20": "fewer than 20", "n.a.": None},
    kept=frozenset(("members",)),
)


@dataclass
class Info:
    """What a field type asks of Pydantic."""

    field_name: str = "members"
    context: FileContext = field(default_factory=lambda: FileContext(TODAY, words=WORDS))


def read(kind: CellType, cell: Any, name: str = "members") -> Any:
    """The value of a cell, or the codes of the broken rules."""
    try:
        return kind.read(cell, Info(name))
    except PydanticCustomError as error:
        problems = (error.context or {})["problems"]
        return " ".join(problem.code for problem in problems)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("AMG Super", "AMG Super"),
        ("  AMG\u3000 Super\n", "AMG Super"),
        ("ＡＭＧ Super", "AMG Super"),
        ("equipsuper", "equipsuper"),
        ("Fund (closed)", "Fund (closed)"),
        ("Military Superannuation & Benefits Fund No 1", "Military Superannuation & Benefits Fund No 1"),
        ("Habitat¹", "Habitat"),
        ("Habitat *†", "Habitat"),
        ("Habitat 3/", "Habitat 3/"),
        ("Total Risk", "Total Risk"),
        (7.0, "7"),
        ("", "missing"),
        ("*", "missing"),
        (" - ", "missing"),
        (ErrorCell("#N/A"), "missing"),
        (ErrorCell("#REF!"), "invalid_text"),
        (1.5, "invalid_text"),
        (True, "invalid_text"),
        (datetime(2024, 1, 1), "invalid_text"),
        (UncalculatedCell("=A1"), "uncalculated_formula"),
        ("x" * 51, "invalid_text"),
        ("x" * 2000, "invalid_text"),
        ("a\u202eb", "invalid_text"),
        ("soft\u00adly", "softly"),
    ],
)
def test_a_text_is_kept_as_printed(cell: Cell, expected: str) -> None:
    assert read(Text(50), cell) == expected


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (Text(20, footnotes=r"\s*\d/$", case="upper"), "Habitat 3/", "HABITAT"),
        (Text(20, footnotes=None), "Fund*", "Fund*"),
        (Text(20, footnotes=None), "Fund¹", "Fund1"),
        (Text(30, aliases={"Czech Republic": "Czechia"}, case="upper"), "CZECH  republic", "CZECHIA"),
        (Text(30, case="upper"), "Czech Republic", "CZECH REPUBLIC"),
        (Text(30, pattern="[A-Z]{3}"), "PEN", "PEN"),
        (Text(30, pattern="[A-Z]{3}"), "PENS", "invalid_text"),
        (Text(30, nullable=True), "", None),
        (Text(30, nullable=True), "N.A.", None),
        (Choice({"acumulada": ("Rentabilidad Acumulada",), "anualizada": ()}), "rentabilidad  ACUMULADA", "acumulada"),
        (Choice({"acumulada": (), "anualizada": ()}), "Anualizada", "anualizada"),
        (Choice({"acumulada": (), "anualizada": ()}), "nominal", "invalid_choice"),
        (Choice({"0": (), "1": ()}), 1.0, "1"),
        (Choice({"0": (), "1": ()}), "", "missing"),
    ],
)
def test_what_is_declared_for_a_text(kind: CellType, cell: Cell, expected: str | None) -> None:
    assert read(kind, cell) == expected


def test_sql_types() -> None:
    kinds = (Text(200), Choice({"acumulada": (), "b": ()}), Integer(), Integer(maximum=10**12), Date(), Month())
    assert [kind.sql_type for kind in kinds] == [
        "varchar(200)", "varchar(9)", "integer", "bigint", "date", "date",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (60.0, 60),
        ("60", 60),
        ("1,234", 1234),
        ("(12)", "out_of_range"),
        (1.5, "invalid_number"),
        ("1.0", 1),
        (2.0**40, "out_of_range"),
        ("twelve", "invalid_number"),
        ("", "missing"),
        ("*", "missing"),
    ],
)
def test_a_whole_number_is_not_rounded(cell: Cell, expected: object) -> None:
    assert read(Integer(), cell) == expected
    assert read(Integer(nullable=True), "") is None


@pytest.mark.parametrize(
    ("written", "cell", "expected"),
    [
        ("{DD}/{MM}/{YYYY}", "30/06/2019", date(2019, 6, 30)),
        ("{DD}/{MM}/{YYYY}", "06/30/2019", "invalid_date"),
        ("{DD}/{MM}/{YYYY}", "1/6/2019", "invalid_date"),
        ("{D}/{M}/{YYYY}", "1/6/2019", date(2019, 6, 1)),
        ("{DD}.{MM}.{YYYY}", "31.03.2013", date(2013, 3, 31)),
        ("{DD}.{MM}.{YYYY}", "31.04.2013", "invalid_date"),
        ("{D} {MON} {YYYY}", "5 Feb. 1999", date(1999, 2, 5)),
        ("{YYYY}{MM}{DD}", 20250131.0, date(2025, 1, 31)),
        ("{YYYY}", "2025", "invalid_date"),
        ("{YYYY}-{MM}-{DD}", date(2025, 1, 31), date(2025, 1, 31)),
        ("{YYYY}-{MM}-{DD}", datetime(2025, 1, 31, 12), date(2025, 1, 31)),
        ("{YYYY}-{MM}-{DD}", "2025-02-29", "invalid_date"),
        ("{YYYY}-{MM}-{DD}", 45678.0, "invalid_date"),
        ("{YYYY}-{MM}-{DD}", True, "invalid_date"),
        ("{YYYY}-{MM}-{DD}", ErrorCell("#REF!"), "invalid_date"),
        ("{YYYY}-{MM}-{DD}", "", "missing"),
        ("{YYYY}-{MM}-{DD}", UncalculatedCell("=TODAY()"), "uncalculated_formula"),
    ],
)
def test_days(written: str, cell: Cell, expected: object) -> None:
    assert read(Date(formats=(written,)), cell) == expected


def test_a_day_that_two_formats_read_differently_is_none() -> None:
    kind = Date(formats=("{DD}/{MM}/{YYYY}", "{MM}/{DD}/{YYYY}"))
    assert read(kind, "03/04/2025") == "invalid_date"
    assert read(kind, "04/04/2025") == date(2025, 4, 4)


@pytest.mark.parametrize(
    ("kind", "cell", "expected"),
    [
        (Month(formats=("{MON}-{YY}",)), "ene-15", date(2015, 1, 1)),
        (Month(formats=("{MON}-{YY}",)), "DIC-98", date(1998, 12, 1)),
        (Month(formats=("{MON}-{YY}",)), "DIC-70", date(1970, 12, 1)),
        (Month(formats=("{MON}-{YY}",)), "DIC-69", "future_period"),  # 2069
        (Month(formats=("{MON} {YYYY}",)), " Setiembre  2024 ", date(2024, 9, 1)),
        (Month(formats=("{YYYY}年{MON}",)), "2024年二月", date(2024, 2, 1)),
        (Month(formats=("{MON} {YYYY}",)), "Febrero 2024", "invalid_period"),
        (Month(formats=("{DD}/{MM}/{YYYY}",)), "30/06/2019", date(2019, 6, 1)),
        (Month(), datetime(2025, 12, 31), date(2025, 12, 1)),
        (Month(), "2024-13", "invalid_period"),
        (Month(), "2099-01", "future_period"),
        (Month(), "", "missing"),
        (Month(first_year=2000), "1999-12", "invalid_period"),
        (Month(formats=("Q{Q} {YYYY}",)), "Q3 2024", "invalid_period"),
        (Month(formats=("Q{Q} {YYYY}",), of_span=MonthOf.LAST), "Q3 2024", date(2024, 9, 1)),
        (Month(formats=("{Q} trimestre {YYYY}",), of_span=MonthOf.FIRST), "I Trimestre 2024", date(2024, 1, 1)),
        (Month(formats=("{Q} trimestre {YYYY}",), of_span=MonthOf.FIRST), "II Trimestre 2024", date(2024, 4, 1)),
        (Month(formats=("{Q} trimestre {YYYY}",), of_span=MonthOf.FIRST), "III Trimestre 2024", date(2024, 7, 1)),
        (Month(formats=("{Q} trimestre {YYYY}",), of_span=MonthOf.FIRST), "IV Trimestre 2024", date(2024, 10, 1)),
        (Month(formats=("H{H} {YYYY}",), of_span=MonthOf.LAST), "h1 2024", date(2024, 6, 1)),
        (Month(formats=("{YYYY}",), of_span=MonthOf.LAST), 2023.0, date(2023, 12, 1)),
        (Month(formats=("{YYYY}",), of_span=MonthOf.FIRST), "2023", date(2023, 1, 1)),
    ],
)
def test_months(kind: CellType, cell: Cell, expected: object) -> None:
    assert read(kind, cell) == expected


def test_a_row_of_another_month_than_its_file_is_told() -> None:
    info = Info(context=FileContext(TODAY, words=WORDS, period=date(2024, 11, 1)))
    assert Month().read("2024-11", info) == date(2024, 11, 1)
    with pytest.raises(PydanticCustomError, match="2024-10 is not 2024-11"):
        Month().read("2024-10", info)


@pytest.mark.parametrize(
    ("written", "said"),
    [("{DD}/{MM}", "names no year"), ("{YYYY}{YYYY}", "one thing twice"), ("{YYYY}-{mm}", "holds {mm}; there are")],
)
def test_a_format_that_is_none(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        date_format(written)


NUMBER = Number((), 12, 0, Decimal(0), {})
SHARE = Share((), 8, 6, Decimal(-1), SHARE_UNITS)


@pytest.mark.parametrize("kind", [NUMBER, SHARE, Integer(nullable=True), Date(nullable=True)])
def test_a_mark_is_null_with_its_reason_beside_it(kind: CellType) -> None:
    for cell, reason in (("*", "suppressed"), (" < 20 ", "fewer than 20"), ("n.A.", None)):
        assert read(kind, cell) is None
        assert read(MarkOf("members"), cell) == reason
        assert kind.accepts(cell, 0, Info().context)


def test_what_is_declared_as_no_mark_stays_wrong() -> None:
    assert read(NUMBER, "<200") == "invalid_number"
    assert read(NUMBER, "c") == "invalid_number"
    assert read(NUMBER, 20.0) == Decimal(20)
    assert read(MarkOf("members"), 20.0) is None


def test_a_reason_that_has_no_place_is_told() -> None:
    assert read(NUMBER, "*", "other") == "mark_not_kept"
    assert read(NUMBER, "n.a.", "other") is None
