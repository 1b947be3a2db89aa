"""The rules of the dbt project (dbt-bouncer.yml): each planted violation is found, by the check that is meant to."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Checkout
from extract.errors.base import ExitCode
from extract.settings import ROOT

pytestmark = [pytest.mark.heavy, pytest.mark.database]
MODELS = Path("dbt_project/models")


def in_file(path: str, old: str, new: str) -> Callable[[Path], str]:
    """Plants by replacing a text in a file of the models; gives the name of its model."""

    def plant(root: Path) -> str:
        file = root / MODELS / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return file.stem

    return plant


def copied(path: str, name: str) -> Callable[[Path], str]:
    """Plants by adding a copy of a model under another name; gives that name."""

    def plant(root: Path) -> str:
        file = root / MODELS / path
        file.with_name(f"{name}.sql").write_bytes(file.read_bytes())
        text = file.with_suffix(".yml").read_text(encoding="utf-8").replace(file.stem, name)
        file.with_name(f"{name}.yml").write_text(text, encoding="utf-8")
        return name

    return plant


def reading_a_mart(root: Path) -> str:
    """Plants a step on a mart; gives its name."""
    folder, name = root / MODELS / "intermediate", "int_files_of_the_mart"
    (folder / f"{name}.sql").write_text("select file_id from {{ ref('load_audit') }}\n", encoding="utf-8")
    text = (
        "version: 2\n\nmodels:\n  - name: {name}\n    description: Files. **Nuance** None. **Primary key** file_id\n"
        "    columns:\n"
        "      - name: file_id\n        description: Sheet.\n"
    ).replace("{name}", name)
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return name


PLANTS = {
    "a column without a description": (
        in_file("marts/load_audit.yml", "description: Rows loaded.", 'description: ""'),
        "check_model_column_description_populated",
    ),
    "a mart without a key": (
        in_file(
            "marts/load_audit.yml",
            "      - type: primary_key\n        columns: [file_id]\n",
            "      - type: check\n        expression: file_id > 0\n",
        ),
        "check_model_has_constraints",
    ),
    "a step that reads a source": (
        in_file("intermediate/int_load_audit_next.sql", "ref('stg_source_files')", "source('staging', 'source_files')"),
        "check_lineage_source_cannot_be_used",
    ),
    "a step that reads a mart": (reading_a_mart, "check_lineage_permitted_upstream_models"),
    "a step that everybody may read": (
        in_file(
            "intermediate/int_plan_months.yml", "    description: |", "    config: {access: public}\n    description: |"
        ),
        "check_model_access",
    ),
    "a mart that is not for everybody": (
        in_file("marts/load_audit.yml", "    config:\n", "    config:\n      access: protected\n"),
        "check_model_access",
    ),
    "a mart with the name of a step": (copied("marts/load_audit.sql", "int_load_audit"), "check_model_names"),
    "a staging model without stg_": (copied("staging/ledger/stg_rejected_rows.sql", "rejected"), "check_model_names"),
    # the last one, since the column stays in the database
    "a column that no YAML names": (
        in_file("staging/ledger/stg_rejected_rows.sql", "source.errors", "source.errors,\n        1 as unnamed"),
        "check_columns_are_all_documented",
    ),
}


def bouncer(checkout: Checkout, built: str) -> tuple[int, set[str]]:
    """Build what leads to a model, make the artifacts, and check them: the exit code, and the checks that failed."""
    for command in (
        ("run", "--select", f"+{built}", "--exclude", "path:dbt_project/models/marts"),
        ("docs", "generate"),
    ):
        done = checkout.dbt("--quiet", *command)
        assert done.returncode == 0, done.stdout
    results = checkout.root / "results.json"
    program = str(Path(sys.executable).with_name("dbt-bouncer"))
    done = checkout.finish([sys.executable, program, "run", "--output-file", str(results)])
    outcomes = json.loads(results.read_text(encoding="utf-8"))
    return done.returncode, {item["check_run_id"].split(":")[0] for item in outcomes if item["outcome"] != "success"}


def test_the_project_keeps_its_rules_and_every_planted_violation_is_found(loading: Checkout) -> None:
    done = loading.run("--execute", "--build", "--data-dir", ROOT / "data", "-q")
    assert done.returncode == ExitCode.OK, done.stderr
    (loading.root / "dbt-bouncer.yml").write_bytes((ROOT / "dbt-bouncer.yml").read_bytes())
    originals = {path: path.read_bytes() for path in (loading.root / MODELS).rglob("*.*")}
    assert bouncer(loading, "stg_rejected_rows") == (0, set())
    found = {}
    for violation, (plant, _) in PLANTS.items():
        code, failed = bouncer(loading, plant(loading.root))
        found[violation] = (code, failed)
        for path in (loading.root / MODELS).rglob("*.*"):
            if path not in originals:
                path.unlink()
        for path, content in originals.items():
            path.write_bytes(content)
    assert found == {violation: (1, {check}) for violation, (_, check) in PLANTS.items()}
