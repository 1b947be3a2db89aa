"""dbt projects in place of the real one: one of two seeds and three models, quick to build and easy to break, and one
of as many as wanted, for benchmarks/setup_speed.py."""

import shutil
from pathlib import Path

PROJECT = """
name: small
version: 0.1.0
config-version: 2
profile: workdatahub
model-paths: [dbt_project/models]
seed-paths: [dbt_project/seeds]
test-paths: [dbt_project/tests]
macro-paths: [dbt_project/macros]
vars: {protected_targets: [prod, production]}
flags: {send_anonymous_usage_stats: false}
models: {small: {+schema: marts, +materialized: table, base: {+tags: foundation}}}
seeds: {small: {+schema: marts}}
"""
SEEDS_YML = """
seeds:
  - name: owners
    config: {column_types: {owner_code: varchar(10), owner_name: text}}
    columns:
      - {name: owner_code, data_tests: [unique, not_null]}
      - {name: owner_name}
  - name: assets
    config: {column_types: {asset_code: varchar(10), owner_code: varchar(10)}}
    columns:
      - {name: asset_code, data_tests: [unique, not_null]}
      - name: owner_code
        data_tests: [{relationships: {arguments: {to: ref('owners'), field: owner_code}}}]
"""
BASE_YML = """
sources:
  - name: staging
    schema: staging
    tables:
      - name: load_batches
        columns: [{name: batch_id, data_tests: [not_null]}]
models:
  - name: base
    columns: [{name: asset_code, data_tests: [unique]}]
"""
LATER_YML = """
models:
  - name: later
    columns: [{name: owner_code, data_tests: [not_null]}]
unit_tests:
  - name: counts_assets
    model: later
    given:
      - {input: ref('base'), rows: [{owner_code: A, asset_code: X}, {owner_code: A, asset_code: Y}]}
    expect: {rows: [{owner_code: A, assets: 2}]}
"""
FILES = {
    "seeds/owners.csv": "owner_code,owner_name\n007,Bond\n010,Zorro\n",
    "seeds/assets.csv": "asset_code,owner_code,worth\n1,007,10.5\n2,007,20\n3,010,30\n",
    "seeds/seeds.yml": SEEDS_YML,
    "models/base/base.sql": "select asset_code, owner_code, worth from {{ ref('assets') }}\n",
    "models/base/base.yml": BASE_YML,
    "models/later.sql": "select owner_code, count(*) as assets from {{ ref('base') }} group by owner_code\n",
    "models/later.yml": LATER_YML,
    "models/later_view.sql": "{{ config(materialized='view') }}\nselect owner_code from {{ ref('later') }}\n",
}
RELATIONS = {"owners", "assets", "base", "later", "later_view"}
TESTS = 8
"""Of data; there is a unit test too."""


def write_small_project(root: Path) -> Path:
    """Replace the dbt project of a checkout; gives the directory `dbt_project`."""
    return _replace_project(root, FILES)


def write_wide_project(root: Path, count: int, rows: int) -> Path:
    """Replace it by so many seeds, and models that read one seed each; half of them are the foundation, all tested."""
    files = {}
    for number in range(count):
        files[f"seeds/seed_{number}.csv"] = seed_of(rows)
        base = number < count // 2
        model = f"models/{'base' if base else 'later'}/model_{number}"
        source = f"seed_{number}" if base else f"model_{number - count // 2}"
        files[f"{model}.sql"] = f"select id, name, value from {{{{ ref('{source}') }}}}\n"
        tests = "columns: [{name: id, data_tests: [unique, not_null]}]"
        files[f"{model}.yml"] = f"models: [{{name: model_{number}, {tests}}}]\n"
    return _replace_project(root, files)


def seed_of(rows: int) -> str:
    """The CSV of a seed with so many rows."""
    lines = "\n".join(f"{row},name {row},{row}.5" for row in range(rows))
    return f"id,name,value\n{lines}\n"


def _replace_project(root: Path, files: dict[str, str]) -> Path:
    folder = root / "dbt_project"
    macro = folder / "macros" / "generate_schema_name.sql"
    text = macro.read_text()
    shutil.rmtree(folder)
    (root / "dbt_project.yml").write_text(PROJECT)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    macro.parent.mkdir()
    macro.write_text(text)
    (folder / "tests").mkdir()
    return folder


def always_fails(folder: Path, name: str, ref: str, config: str = "") -> None:
    """A test that finds one row."""
    head = f"{{{{ config({config}) }}}}\n" if config else ""
    (folder / "tests" / f"{name}.sql").write_text(f"{head}select 1 as found from {{{{ ref('{ref}') }}}} limit 1\n")
