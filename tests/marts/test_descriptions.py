"""What a client of the database shows of marts and columns: in the language of the warehouse."""

import re
from collections.abc import Iterator

import pytest
import yaml

from conftest import Checkout, Database
from databases import Make, Templates
from extract.settings import ROOT
from orchestrate.dbt.profile import write_profile

MACROS = ROOT / "dbt_project" / "macros" / "descriptions.sql"
COMMENTS = """
select attname::text, col_description(attrelid, attnum), obj_description(attrelid, 'pg_class') from pg_attribute
where attrelid = 'marts.plan_monthly_performance'::regclass and attname in ('drawdown', 'plan_name') order by 1
"""


def described(kind: str) -> dict[str, str]:
    """Names to what the macro says of them."""
    part = MACROS.read_text(encoding="utf-8").partition(f"set {kind} = {{")[2].partition("}")[0]
    return dict(re.findall(r"'(\w+)': '([^']+)'", part))


def test_every_mart_and_column_is_described_in_chinese() -> None:
    files = (ROOT / "dbt_project" / "models" / "marts").glob("*.yml")
    marts = [model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]]
    assert described("models").keys() == {mart["name"] for mart in marts}
    assert described("columns").keys() == {column["name"] for mart in marts for column in mart["columns"]}


@pytest.fixture
def warehouse(checkout: Checkout, templates: Templates, all_samples: Make) -> Iterator[tuple[Checkout, Database]]:
    """A checkout whose commands use a database in which all samples are loaded and built."""
    for database in templates.copy(all_samples):
        write_profile(database.target, checkout.root)
        yield Checkout(checkout.root, database.environment), database


@pytest.mark.heavy
@pytest.mark.database
def test_comments_are_in_the_language_of_the_warehouse(warehouse: tuple[Checkout, Database]) -> None:
    checkout, database = warehouse
    (drawdown, name) = database.query(COMMENTS)
    assert drawdown[1].startswith("How far the plan is below its highest point")
    assert checkout.dbt("run", "--vars", "language: zh").returncode == 0
    (drawdown, name) = database.query(COMMENTS)
    assert drawdown[1:] == (described("columns")["drawdown"], described("models")["plan_monthly_performance"])
    assert name[1] == described("columns")["plan_name"]
    assert checkout.dbt("run").returncode == 0
    assert database.query(COMMENTS)[0][1].startswith("How far the plan is below its highest point")
