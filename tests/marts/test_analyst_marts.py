"""The marts an analyst opens first: figures of the samples recomputed with pandas, and the account of undone loads.

The figures are Decimals all the way, so that equal means equal to the last digit.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import reduce
from operator import mul

import pandas as pd
import pytest

from conftest import DATA, ROW, Checkout, Database, WriteWorkbook
from databases import Make, Templates
from extract.errors.base import ExitCode
from extract.settings import ROOT

PRECISION = 500
"""Digits: more than a product of 24 months has, of which the 28 of the default would cut off what decides a tie."""
pytestmark = pytest.mark.database
KEY = ["report_date", "plan_code", "company_code"]
MEASURES = ["return_rate", "net_asset_value", "fund_scale"]
Figures = dict[tuple[object, ...], tuple[object, ...]]


@pytest.fixture(scope="module")
def warehouse(templates: Templates, all_samples: Make) -> Iterator[Database]:
    """All samples, loaded and built, for this module."""
    yield from templates.copy(all_samples)


@pytest.fixture(autouse=True)
def precision() -> Iterator[None]:
    """Decimals that do not round on the way."""
    with localcontext(prec=PRECISION):
        yield


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    """The records of the samples, with months as periods and exact measures."""
    records = pd.read_csv(DATA / "expected.csv", dtype=str).astype(object)
    records["month"] = pd.PeriodIndex(records["report_date"], freq="M")
    for measure in MEASURES:
        records[measure] = [None if pd.isna(text) else Decimal(text) for text in records[measure]]
    return records


def rounded(value: Decimal | None, places: str = "0.000001") -> Decimal | None:
    """Half up, away from zero, once."""
    return None if value is None else value.quantize(Decimal(places), ROUND_HALF_UP)


def growth(rates: "pd.Series[Decimal]") -> Decimal:
    """The product of (1 + rate)."""
    return reduce(mul, (1 + rate for rate in rates), Decimal(1))


def mart(database: Database, table: str, key: list[str], columns: str) -> Figures:
    """Columns of a mart by its key, the month as text."""
    rows = database.query(
        f"select {', '.join(key).replace('report_date', 'report_date::text')}, {columns} from {table}"
    )
    return {row[: len(key)]: row[len(key) :] for row in rows}


@pytest.mark.heavy
def test_returns_of_plans_are_those_that_pandas_finds(warehouse: Database, expected: pd.DataFrame) -> None:
    found = mart(
        warehouse, "marts.plan_monthly_performance", KEY, "ytd_return, trailing_12_return, drawdown, return_change"
    )
    wanted: Figures = {}
    for _, plan in expected.groupby(["plan_code", "company_code"]):
        rates = plan.set_index("month")["return_rate"].sort_index()
        level = peak = Decimal(1)
        for row in plan.sort_values("month").itertuples():
            if row.month - 1 not in rates.index:
                level = peak = Decimal(1)
            level *= 1 + row.return_rate
            peak = max(peak, level)
            year = rates[pd.Period(f"{row.month.year}-01") : row.month]
            twelve = rates[row.month - 11 : row.month]
            wanted[row.report_date, row.plan_code, row.company_code] = (
                rounded(growth(year) - 1) if len(year) == row.month.month else None,
                rounded(growth(twelve) - 1) if len(twelve) == 12 else None,
                rounded((level - peak) / peak),
                row.return_rate - rates[row.month - 1] if row.month - 1 in rates.index else None,
            )
    assert len(found) == 7494
    assert found == wanted


@pytest.mark.heavy
def test_unit_values_and_ranks_are_those_that_pandas_finds(warehouse: Database, expected: pd.DataFrame) -> None:
    found = mart(
        warehouse, "marts.plan_monthly_performance", KEY, "nav_change, nav_change_rate, rank_in_company, has_gap_before"
    )
    values = expected.set_index(["plan_code", "company_code", "month"])["net_asset_value"].to_dict()
    first = expected.groupby(["plan_code", "company_code"])["month"].min()
    rates = {
        key: sorted(group, reverse=True) for key, group in expected.groupby(["month", "company_code"])["return_rate"]
    }
    wanted: Figures = {}
    for row in expected.itertuples():
        before = values.get((row.plan_code, row.company_code, row.month - 1))
        change = row.net_asset_value - before if row.net_asset_value is not None and before is not None else None
        wanted[row.report_date, row.plan_code, row.company_code] = (
            change,
            None if change is None else rounded(change / before),
            rates[row.month, row.company_code].index(row.return_rate) + 1,
            row.month > first[row.plan_code, row.company_code]
            and (row.plan_code, row.company_code, row.month - 1) not in values,
        )
    assert found == wanted


@pytest.mark.heavy
def test_names_are_those_of_the_seeds_and_a_missing_year_has_its_reason(warehouse: Database) -> None:
    named = (
        "select count(*), count(mart.plan_name), count(*) filter (where mart.plan_name is distinct from plans.plan_name"
        " or mart.company_name is distinct from companies.company_name) from marts.plan_monthly_performance as mart"
        " left join marts.plans on mart.plan_code = plans.plan_code"
        " left join marts.companies on mart.company_code = companies.company_code"
    )
    ((rows, with_name, otherwise),) = warehouse.query(named)
    assert rows == 7494
    assert with_name > 0
    assert otherwise == 0
    reasons = "select distinct (ytd_return is null) = (ytd_missing_reason is not null) from"
    assert warehouse.query(f"{reasons} marts.plan_monthly_performance") == [(True,)]


REFUSING = """
create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
create trigger refuse before update on marts.plan_monthly_performance
for each row execute function public.refuse()
"""


@pytest.mark.heavy
def test_a_new_name_reaches_all_months_and_an_earlier_table_gets_the_columns(
    loading: Checkout, database: Database
) -> None:
    seed = loading.root / "dbt_project" / "seeds" / "companies.csv"
    named = "select count(*) from marts.plan_monthly_performance where company_name = 'Aurora'"
    assert loading.run("--execute", "--build", "--data-dir", ROOT / "data").returncode == ExitCode.OK
    first = database.query("select company_code, count(*) from marts.plan_monthly_performance group by 1 order by 1")[0]
    lines = [line for line in seed.read_text(encoding="utf-8").splitlines() if not line.startswith(f"{first[0]},")]
    seed.write_text("\n".join([*lines, f"{first[0]},Aurora,CL"]) + "\n", encoding="utf-8")
    database.query(REFUSING)
    assert loading.build().returncode == 1, "no row of the mart can be written"
    database.query("drop trigger refuse on marts.plan_monthly_performance")
    assert loading.build().returncode == 0
    assert database.query(named) == [(first[1],)], "the names of before are still known"
    for column in ("plan_name", "company_name", "ytd_missing_reason"):
        database.query(f"alter table marts.plan_monthly_performance drop column {column}")
    done = loading.build()
    assert done.returncode == 0, done.stdout
    assert database.query(named) == [(first[1],)]
    unexplained = "ytd_return is null and ytd_missing_reason is null"
    assert database.query(f"select count(*) from marts.plan_monthly_performance where {unexplained}") == [(0,)]


@pytest.mark.heavy
def test_figures_of_companies_are_those_that_pandas_finds(warehouse: Database, expected: pd.DataFrame) -> None:
    key = ["report_date", "company_code"]
    columns = "plans_reported, fund_scale, weighted_return, plan_coverage, scale_coverage"
    found = mart(warehouse, "marts.company_monthly_summary", key, columns)
    wanted: Figures = {}
    for name, group in expected.groupby(key):
        sizes = [size for size in group["fund_scale"] if size is not None]
        both = group[group["fund_scale"].notna() & group["return_rate"].notna()]
        weight = sum(both["fund_scale"], Decimal(0))
        product = sum((row.return_rate * row.fund_scale for row in both.itertuples()), Decimal(0))
        wanted[tuple(name)] = (
            len(group),
            sum(sizes) if sizes else None,
            rounded(product / weight) if weight else None,
            rounded(Decimal(int(group["return_rate"].notna().sum())) / len(group)),
            rounded(weight / sum(sizes)) if sum(sizes) else None,
        )
    assert found == wanted


@pytest.mark.heavy
def test_the_quality_of_months_is_what_pandas_finds(warehouse: Database, expected: pd.DataFrame) -> None:
    columns = (
        "rows_loaded, rows_counting, missing_return_rate, missing_net_asset_value, missing_fund_scale, vanished_plans"
        ", plans_appeared"
    )
    found = mart(warehouse, "marts.data_quality_monthly", ["report_date"], columns)
    plans = {month: set(zip(group["plan_code"], group["company_code"], strict=True))
             for month, group in expected.groupby("month")}  # fmt: skip
    wanted: Figures = {}
    for month, group in expected.groupby("month"):
        before = plans.get(month - 1)
        missing = [int(group[measure].isna().sum()) for measure in MEASURES]
        gone = None if before is None else sorted(plan for plan, _ in before - plans[month])
        new = None if before is None else len(plans[month] - before)
        wanted[(f"{month}-01",)] = (len(group), len(group), *missing, gone, new)
    assert found == wanted


@pytest.mark.heavy
def test_the_account_of_a_month_follows_restatements_undos_and_their_undos(
    loading: Checkout, database: Database, write_workbook: WriteWorkbook
) -> None:
    def account() -> list[tuple[object, ...]]:
        built = loading.dbt("--quiet", "run")
        assert built.returncode == 0, built.stdout
        return database.query(
            "select report_date::text, sheets, rows_read, rows_loaded, rows_rejected, rejects_by_code, skips_by_reason,"
            " rows_counting from marts.data_quality_monthly order by 1"
        )

    def load(rows: list[tuple[object, ...]], name: str) -> None:
        path = write_workbook(rows, name=name, folder=loading.root / "data")
        done = loading.run("--execute", "--file", path)
        assert done.returncode == ExitCode.OK, done.stderr

    other = (*ROW[:2], "P2", *ROW[3:])
    broken = (*ROW[:2], "P3", "C1", "5,5%", None, None)
    load([ROW, other, broken, ("合计",)], "2024-11_受托业绩.xlsx")
    assert loading.dbt("--quiet", "seed").returncode == 0
    first = ("2024-11-01", 1, 4, 2, 1, {"invalid_number": 1}, {"summary": 1}, 2)
    assert account() == [first]

    # restated as a whole, by a workbook without a month in its name: only that one counts
    load([ROW, (*other[:4], 0.02, None, None)], "mended.xlsx")
    second = ("2024-11-01", 1, 2, 2, 0, {}, {}, 2)
    assert account() == [second]

    # an undo brings the first back, the undo of the undo the second
    assert loading.run("undo", "2").returncode == ExitCode.OK
    assert account() == [first]
    assert loading.run("undo", "3").returncode == ExitCode.OK
    assert account() == [second]

    # restated in part: both count, and so does a workbook without a row, until its load is undone
    load([(*ROW[:4], 0.03, None, None)], "2024-11_受托业绩_更正.xlsx")
    assert account() == [("2024-11-01", 2, 3, 3, 0, {}, {}, 2)]
    load([("合计",)], "2024-12_受托业绩.xlsx")
    december = ("2024-12-01", 1, 1, 0, 0, {}, {"summary": 1}, 0)
    assert account()[1:] == [december]
    assert loading.run("undo", "6").returncode == ExitCode.OK
    assert account() == [("2024-11-01", 2, 3, 3, 0, {}, {}, 2)]
