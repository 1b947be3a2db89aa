"""Any value gives a record or a reject, COPY gives back what was written, and every row is accounted for."""

import io
import math
import tempfile
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from psycopg2.extensions import connection as Connection  # noqa: N812  # a class, in spite of its name
from pydantic import ValidationError

from conftest import HEADER, TODAY
from extract.database.connection import Target
from extract.domains.registry import Domain
from extract.domains.trustee_performance import TrusteePerformance
from extract.errors.base import DataError
from extract.fields.base import FileContext
from extract.files.discovery import named_files
from extract.table.reading import extract_file
from extract.table.records.rendering import render_lines
from extract.workbook.cells import ErrorCell, FormattedNumber, UncalculatedCell
from extract.workbook.number_formats import number_format

PERCENT = number_format("0.00%")

TYPICAL = st.sampled_from(
    ["", " ", "-", "N/A", "#N/A", "无", "合计", "total", "2024", "24年", "11月", "2024年11月", "202411", "5.5%", "(5%)",
     "￥1,234.50", "1.2E+08", "1e999", "１２", "-0", "00123", "A-1_b", "注：x", "=1+1", "1,23", "5‰", "3万元", "\u200b"]
)  # fmt: skip
CELLS = st.one_of(
    TYPICAL,
    st.text(max_size=12),
    st.floats(),
    st.floats(min_value=-200, max_value=200).map(lambda number: round(number, 4)),
    st.integers(min_value=-(10**20), max_value=10**20),
    st.integers(min_value=0, max_value=3000),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(
        [
            ErrorCell("#DIV/0!"),
            ErrorCell("#N/A"),
            UncalculatedCell("=A1"),
            FormattedNumber(0.055, PERCENT),
            FormattedNumber(-3.0, PERCENT),
        ]
    ),
)
CODES = st.from_regex(r"[A-Za-z0-9.計划]{1,12}", fullmatch=True)
ONE = {"data_source": ['a,"b.xlsx'], "source_sheet": ["s"], "source_row": [2]}


def record(values: dict[str, Any]) -> TrusteePerformance | None:
    """The record of one row, or None for a reject; any other exception fails the test."""
    chunk = ONE | {name: [value] for name, value in values.items()}
    try:
        return TrusteePerformance.model_validate(chunk, context=FileContext(TODAY))
    except ValidationError as error:
        for item in error.errors():
            assert item["type"] == "broken_rule", item
            for problem in item["ctx"]["problems"]:
                assert problem.code
                assert problem.reason
        return None


ROWS = st.fixed_dictionaries(
    {
        "report_date": st.tuples(CELLS, CELLS, CELLS),
        "plan_code": CELLS,
        "company_code": CELLS,
        "return_rate": CELLS,
        "net_asset_value": CELLS,
        "fund_scale": CELLS,
    }
)
LIKELY = st.fixed_dictionaries(
    {
        "report_date": st.tuples(st.integers(2000, 2026), st.integers(1, 12), st.just("")),
        "plan_code": CODES,
        "company_code": CODES,
        "return_rate": CELLS,
        "net_asset_value": CELLS,
        "fund_scale": CELLS,
    }
)


@settings(max_examples=400, deadline=None)
@given(ROWS | LIKELY)
def test_any_row_gives_a_record_or_a_reject(values: dict[str, Any]) -> None:
    found = record(values)
    if found is None:
        return
    assert date(2000, 1, 1) <= found.report_date[0] <= TODAY
    assert 1 <= len(found.plan_code[0]) <= 50
    assert 1 <= len(found.company_code[0]) <= 20
    rate, value, scale = found.return_rate[0], found.net_asset_value[0], found.fund_scale[0]
    assert rate is None or (-1 <= rate <= 10 and rate.as_tuple().exponent == -6)
    assert value is None or (value > 0 and value.as_tuple().exponent == -4)
    assert scale is None or (scale >= 0 and scale.as_tuple().exponent == -2)


@settings(max_examples=300, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_rounded_half_up_from_its_shortest_decimal(number: float) -> None:
    values = {
        "report_date": (2024, 1, ""),
        "plan_code": "P",
        "company_code": "C",
        "return_rate": "",
        "net_asset_value": "",
    }
    found = record({**values, "fund_scale": number})
    if abs(number) < 1e20:
        exact = Decimal(repr(number)).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        expected = exact if 0 <= exact <= Decimal("9999999999999999.99") else None
        assert (found.fund_scale[0] if found else None) == expected


@pytest.fixture(scope="module")
def connection(server: Target) -> Iterator[Connection]:
    """A connection with a temporary table of the columns of the model."""
    opened = psycopg2.connect(**server.parameters)
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in TrusteePerformance.columns())
    with opened.cursor() as cursor:
        cursor.execute(f"create temporary table landed ({columns})")
    yield opened
    opened.close()


@pytest.mark.database
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIKELY)
def test_copy_gives_back_the_record(connection: Connection, domain: Domain, values: dict[str, Any]) -> None:
    found = record(values)
    if found is None:
        return
    (line,) = render_lines(found, domain)
    with connection.cursor() as cursor:
        cursor.execute("truncate landed")
        cursor.copy_expert("copy landed from stdin with (format csv)", io.BytesIO(line.encode()))
        cursor.execute("select * from landed")
        (landed,) = cursor.fetchall()
    assert landed == tuple(getattr(found, name)[0] for name in domain.column_names)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), max_size=12))
def test_every_row_of_any_sheet_is_accounted_for(domain: Domain, rows: list[list[Any]]) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(HEADER)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            put(workbook.active.cell(number, column), value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "2024-11_受托业绩.xlsx"
        workbook.save(path)
        source = named_files([path], path.parent, domain.config).files[0]
        try:
            (result,) = extract_file(source, domain, TODAY)
        except DataError:
            return
    report = result.report
    assert report.rows_read == report.rows_loaded + report.rows_rejected + sum(report.rows_skipped.values())
    assert report.rows_loaded == result.records.count(b"\n")
    assert report.rows_rejected == len(result.rejected)
    assert report.rows_read <= len(rows)


def put(cell: Any, value: Any) -> None:
    """Put any value into a cell that openpyxl can hold."""
    if isinstance(value, UncalculatedCell):
        cell.value = "=1+1"
    elif isinstance(value, ErrorCell):
        cell.value, cell.data_type = str(value), "e"
    elif isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value.encode("utf-8", "replace").decode())
        cell.data_type = "s"
    elif (isinstance(value, float) and not math.isfinite(value)) or (isinstance(value, date) and value.year < 1901):
        cell.value = None
    elif isinstance(value, time | timedelta):
        cell.value = str(value)
    else:
        cell.value = float(value) if isinstance(value, FormattedNumber) else value
