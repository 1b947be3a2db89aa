"""How old the last load of each configured domain is, whatever the dbt project says of it; what setup says of it."""

import pytest

from conftest import Checkout, Database
from small_project import write_small_project

pytestmark = pytest.mark.database

LOADED = (
    "insert into staging.load_batches (domain, mode, loaded_at, loaded_by, files, rows, rejects, version)"
    " values (%s, %s, now() - interval '3 days', 'me', 1, 0, 0, '1')"
)
SECOND = """
  funds:
    description: funds
    pattern: funds
    select: all
    table: funds
    pk: [report_date, plan_code]
    summary_labels: []
"""


@pytest.fixture
def two(loading: Checkout, database: Database) -> Checkout:
    """A checkout with two domains, of which the second has no dbt model, set up in a database."""
    write_small_project(loading.root)
    path = loading.root / "config" / "data_sources.yml"
    text = path.read_text(encoding="utf-8").replace("\ndiscovery:", f"{SECOND}\ndiscovery:")
    path.write_text(text, encoding="utf-8")
    model = loading.root / "extract" / "domains" / "trustee_performance.py"
    (loading.root / "config" / "funds.py").write_text(model.read_text(encoding="utf-8"), encoding="utf-8")
    return loading


@pytest.mark.heavy
def test_every_configured_domain_has_an_age(two: Checkout, database: Database) -> None:
    done = two.run("setup")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing was loaded yet" in done.stdout
    assert "python run.py --domain trustee_performance --execute --build" in done.stdout
    database.query(LOADED.replace("%s, %s", "'funds', 'append'"))
    database.query(LOADED.replace("%s, %s", "'trustee_performance', 'undo'"))
    again = two.run("setup")
    assert "Nothing of trustee_performance was loaded yet" in again.stdout, again.stdout
    assert "staging.funds 3 d" in again.stdout
    shown = two.run("status")
    assert "staging.trustee_performance empty" in shown.stdout, shown.stdout
    assert "staging.funds 3 d" in shown.stdout
