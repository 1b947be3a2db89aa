"""A column that is read at once gives what its cells give one by one: values, broken rules, the tally of shares."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from pydantic_core import PydanticCustomError

from conftest import TODAY
from extract.domains.trustee_performance import TrusteePerformance
from extract.fields.base import Comma, FileContext
from extract.fields.columns import QuickType
from extract.workbook.cells import ErrorCell, FormattedNumber, UncalculatedCell
from extract.workbook.number_formats import NumberFormat

FIELDS = {field.name: field.type for field in TrusteePerformance.cell_fields()}
FORMATS = (
    "0.00%", "0.00", '#,##0.00"万元"', "0!.0,", '0.00"%"', "000000", "0.00%;-0.00", '"P"000', '"-"0.00', "0.00;0.00",
    "[$€-407]0.00", '0"00"', "0.00%;0.00%",
)  # fmt: skip
MARKS = (
    "",
    "-",
    "--",
    "—",
    "N/A",
    "#N/A",
    "无",
    "不适用",
    " ",
    "\u3000",
    "\u200b",
    "null",
    "/",
    "同上",
    "\n",
    "(null)",
    "nan",
)
TYPED = (
    "(5%)",
    "（1,234.00）",
    "￥1,200",
    "¥-5",
    "-¥5",
    "1.2E+08",
    ".5",
    "5.",
    "0x10",
    "1_0",
    "1,23",
    "1.234,56",
    "+-5",
    "5%%",
    "5元%",
    "0%",
    "-0",
    "−4",
    "1 234,567",
    "5\n6",
    "1\t2",
    "9" * 16,
    "9" * 1001,
    " " * 1001 + "5",
    "1e400",
    "٣",
    "５．５％",
    "2.5億元",
    "仟元",
    "3仟元",
    "5‰",
    "1.5百万",
    "1'000",
    "$ 5",
    "5 %",
    "1,000,000,000,000,000",
    "0001",
    "00,001",
)
CODES = (
    "P-001",
    "p_1",
    "P.1",
    ".",
    "-",
    "--",
    "_",
    "NULL",
    "NU-LL",
    "nan",
    "NA",
    "N/A",
    "Ｐ１",
    "P 1",
    "P\n1",
    "计划一",
    "Р1",
    "ſ",
    "ß",
    "x" * 51,
    "x" * 21,
    "A" + "-" * 30,
    "A" + "-" * 1000,
    "合计",
    "a-b_c.d",
    "P—1",
    "\u115f1",
    "²",
    "1",
    "",
)
MONTHS = (
    "11月",
    "11",
    "１１月",
    "十一",
    "2024年11月",
    "24年",
    "2024",
    "2024-11",
    "2024/11/30",
    "202411",
    "2024年11月至12月",
    "-1",
    "13",
    "2024.1",
    "#N/A",
    "2099年1月",
)

Draw = Callable[[random.Random], Any]


def figure(draw: random.Random) -> Any:
    """A cell of a measure: most as people type them, some at the edges of every rule."""
    number = draw.choice(
        (
            lambda: draw.uniform(-2, 2),
            lambda: round(draw.uniform(-1, 1), draw.randint(0, 9)),
            lambda: draw.uniform(-1e6, 1e6),
            lambda: round(draw.uniform(0, 1e9), draw.randint(0, 4)),
            lambda: draw.uniform(0, 1) * 10.0 ** draw.randint(-12, 30),
            lambda: float(draw.randint(-3, 300)),
            lambda: draw.randint(-200, 2000) / 2 * 10.0 ** -draw.randint(0, 7),
            lambda: draw.choice(
                (0.0, -0.0, 1.0, -1.0, 10.0, 1000.0, 0.1, -0.1, 0.00005, float("nan"), float("inf"), -1e308)
            ),
        )
    )()
    kind = draw.randrange(12)
    if kind < 4:
        return number
    if kind < 8:
        places = draw.choice(("", ".0f", ".1f", ".2f", ".4f", ",.2f", ",.7f", "+.3f", ",.0f", "e"))
        unit = draw.choice(("", "", "%", "%", "‰", "元", "万元", "亿", "千元", "百万", "股"))
        text = f"{number:{places}}{unit}"
        wrapped = draw.choice((text,) * 6 + (f" {text}", f"({text})", text.replace("-", "−"), f"￥{text}", f"{text} "))
        return wrapped if draw.random() < 0.9 else wrapped.translate({ord(str(n)): 0xFF10 + n for n in range(10)})
    if kind == 8:
        return FormattedNumber(number, NumberFormat(draw.choice(FORMATS)))
    if kind == 9:
        return draw.choice(TYPED)
    if kind == 10:
        return draw.choice(MARKS)
    return draw.choice(
        (
            True,
            False,
            5,
            -1,
            0,
            10**20,
            date(2024, 1, 1),
            ErrorCell("#N/A"),
            ErrorCell("#DIV/0!"),
            "",
            UncalculatedCell("=A1"),
            UncalculatedCell(""),
            draw.choice(CODES),
        )
    )


def alike(draw: random.Random, rows: int) -> list[Any]:
    """Figures in one spelling, as a program exports them; now and then one of another kind among them."""
    places, unit = draw.choice((".0f", ".2f", ",.2f", ",.0f", "+.3f", ".15f", "")), draw.choice(("", "", "%", "元"))
    size = draw.choice((1, 1, 1, 300, 1e9, 1e16))
    numbers = [draw.uniform(-size, size) * draw.choice((1, 1, 0)) for _ in range(rows)]
    cells: list[Any] = list(numbers) if draw.random() < 0.3 else [f"{number:{places}}{unit}" for number in numbers]
    if draw.random() < 0.4:
        cells[draw.randrange(rows)] = draw.choice((figure(draw), float("nan"), "", "5\n6"))
    return cells


def code(draw: random.Random) -> Any:
    """A cell of a code."""
    number = draw.randint(0, 300)
    return draw.choice(
        (
            lambda: f"{draw.choice('PCpc')}{draw.choice(('', '-', '_', '.', ' '))}{number:03d}",
            lambda: draw.choice(CODES),
            lambda: float(number),
            lambda: FormattedNumber(float(number), NumberFormat(draw.choice(FORMATS))),
            lambda: figure(draw),
            lambda: draw.choice(MARKS),
            lambda: "".join(draw.choices("AB12.-_ 中\n\u00ad", k=draw.randint(0, 60))),
        )
    )()


def period(draw: random.Random) -> Any:
    """The cells of a year, a month and a period column."""

    def part(usual: float) -> Any:
        pick = draw.randrange(5)
        if pick < 2:
            return draw.choice((usual, "", f"{usual:.0f}"))
        return draw.choice(
            (
                *MONTHS,
                True,
                1.0,
                1,
                11.0,
                2024.0,
                202411.0,
                2024.11,
                date(2024, 11, 1),
                datetime(2024, 11, 2),
                "",
                ErrorCell("#N/A"),
                UncalculatedCell("=A1"),
                "9" * 1001,
            )
        )

    return (part(2024.0), part(11.0), draw.choice(("", "", part(202411.0))))


@dataclass(frozen=True)
class Info:
    """What Pydantic tells a field."""

    context: FileContext
    field_name: str


DRAWS: dict[str, Draw] = {
    "report_date": period,
    "plan_code": code,
    "company_code": code,
    "return_rate": figure,
    "net_asset_value": figure,
    "fund_scale": figure,
}


def outcome(value: object) -> tuple[object, ...]:
    """A value with its type and its spelling, or the rules that a cell breaks."""
    if isinstance(value, PydanticCustomError):
        return (value.type, (value.context or {})["problems"])
    return (type(value), str(value))


def one_by_one(kind: QuickType, cells: list[Any], info: Info) -> list[tuple[object, ...]]:
    """What the careful way gives."""
    found = []
    for cell in cells:
        try:
            found.append(outcome(kind.read(cell, info)))
        except PydanticCustomError as error:
            found.append(outcome(error))
    return found


def compare(name: str, seed: int, columns: int, rows: int) -> None:
    """Columns of a field, read in both ways under contexts of every kind."""
    draw = random.Random(f"{name} {seed}")
    kind = FIELDS[name]
    assert isinstance(kind, QuickType)
    for _ in range(columns):
        units = draw.choice(({}, {}, {name: 0}, {name: draw.choice((-2, -3, 4, 8))}))
        comma = draw.choice((Comma.THOUSANDS, Comma.THOUSANDS, Comma.DECIMAL, Comma.DOUBTFUL))
        expected = draw.choice((None, date(2024, 11, 1)))
        contexts = [FileContext(TODAY, units, period=expected, comma=comma) for _ in range(2)]
        pool = [DRAWS[name](draw) for _ in range(rows)]
        if DRAWS[name] is figure and draw.random() < 0.3:
            pool = alike(draw, rows)
        if draw.random() < 0.5:  # a column of one kind goes another way than a mixed one
            pool = [cell for cell in pool if type(cell) is type(pool[0])]
        cells = [draw.choice(pool) for _ in pool] if draw.random() < 0.3 else pool
        read = kind.read_column(cells, Info(contexts[0], name))
        quick = [outcome(read.broken.get(at, value)) for at, value in enumerate(read.values)]
        careful = one_by_one(kind, cells, Info(contexts[1], name))
        for cell, ours, theirs in zip(cells, quick, careful, strict=True):
            assert ours == theirs, f"{cell!r} under {units} {comma}"
        if not read.broken:  # of a chunk with a broken rule the tally is put back
            assert contexts[0].tally == contexts[1].tally, f"{cells}"


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("rows", [1, 4, 40])
def test_a_column_is_read_as_its_cells_are(name: str, rows: int) -> None:
    compare(name, rows, columns=7000 // rows, rows=rows)


@pytest.mark.heavy
@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("seed", range(4))
def test_millions_of_cells_are_read_alike(name: str, seed: int) -> None:
    compare(name, 1000 + seed, columns=20_000, rows=12)
