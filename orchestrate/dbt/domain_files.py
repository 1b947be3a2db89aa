"""What dbt must know of a domain, written from its Pydantic model: source, staging view and contract."""

import re
from dataclasses import dataclass
from functools import cache

from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.settings import ROOT, Settings

_ADDED = {
    "batch_id": "The load that brought the row.",
    "file_id": "The sheet of a workbook that it came from.",
    "withdrawn": "Whether the row withdraws its key.",
    "processed_at": "When the row was loaded.",
}
_IN_MART = ("batch_id", "file_id", "processed_at")
_TYPES = {"batch_id": "bigint", "file_id": "bigint", "processed_at": "timestamptz"}


@dataclass(frozen=True)
class DomainFile:
    """A part of the dbt project: where it goes, and its text."""

    place: str
    text: str


def domain_files(name: str, settings: Settings) -> list[DomainFile]:
    """The parts of a configured domain. Raises DomainUnknown and ConfigInvalid."""
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, name, settings.data_sources_config)
    table = domain.config.table
    models = "dbt_project/models"
    return [
        DomainFile(f"{models}/staging/sources.yml, below `tables`", _source(domain)),
        DomainFile(f"{models}/staging/stg_{table}.sql", _staging_view(domain)),
        DomainFile(f"{models}/intermediate/int_{table}_next.yml and {models}/marts/{table}.yml", _contract(domain)),
    ]


def _source(domain: Domain) -> str:
    lines = [f"      - name: {domain.config.table}", f"        description: Landed rows of the domain {domain.name}."]
    lines.append("        columns:")
    for column in ("batch_id", "file_id", *domain.column_names, "withdrawn", "processed_at"):
        lines += [f"          - name: {column}", f"            description: {_described(domain, column)}"]
    return "\n".join(lines) + "\n"


def _staging_view(domain: Domain) -> str:
    columns = ["batch_id", "file_id", *domain.column_names, "withdrawn", "processed_at"]
    return (
        "-- One row per batch, file and key: every version of each key, withdrawals included.\nselect\n"
        + ",\n".join(f"    {column}" for column in columns)
        + f"\nfrom {{{{ source('staging', '{domain.config.table}') }}}}\nwhere {{{{ up_to_horizon() }}}}\n"
    )


def _contract(domain: Domain) -> str:
    types = {column.name: column.sql_type for column in domain.columns} | _TYPES
    required = {column.name for column in domain.columns if not column.nullable} | {"batch_id", "file_id"}
    key = domain.config.pk
    lines = [
        "    config:",
        "      on_schema_change: fail",
        "      contract:",
        "        enforced: true",
        "    constraints:",
        "      - type: primary_key",
        f"        columns: [{', '.join(key)}]",
        "    columns:",
    ]
    for column in (*domain.column_names, *_IN_MART):
        lines += [
            f"      - name: {column}",
            f"        data_type: {types[column].removesuffix(' NOT NULL')}",
            f"        description: {_described(domain, column)}",
        ]
        if column in required and column not in key:
            lines.append("        constraints: [{type: not_null}]")
    return "\n".join(lines) + "\n"


def _described(domain: Domain, column: str) -> str:
    """What is known of a column: the description that the project has, else the name that a workbook has for it."""
    if column in _documented():
        return f"\"{{{{ doc('{column}') }}}}\""
    headers = {field.name: getattr(field.type, "headers", ()) for field in domain.cell_fields}
    known = headers.get(column) or (column,)
    return _ADDED.get(column, f"The column {known[0]} of the workbook.")


@cache
def _documented() -> frozenset[str]:
    """The columns that `{% docs %}` blocks of the models describe."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "dbt_project" / "models").rglob("*.md"))]
    return frozenset(name for text in texts for name in re.findall(r"{% docs (\w+) %}", text))
