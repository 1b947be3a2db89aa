"""The contract of a domain in domains.yml, from its model: once at its mart, by anchors around it."""

import json
import re
import textwrap
from collections.abc import Sequence
from functools import cache

from extract.domains.registry import Domain
from extract.fields.marks import MarkOf
from extract.fields.places import (
    FromCells,
    FromColumn,
    FromFileName,
    FromHeader,
    FromParameter,
    FromSection,
    FromSheetName,
    FromTitle,
    Place,
)
from extract.foreign import shown
from extract.settings import ROOT

_SHARED = {
    "batch_id": "bigint NOT NULL",
    "file_id": "bigint NOT NULL",
    "data_source": "text NOT NULL",
    "source_sheet": "text NOT NULL",
    "source_row": "integer NOT NULL",
    "source_column": "text NOT NULL",
    "processed_at": "timestamptz",
    "withdrawn": "boolean NOT NULL",
    "is_current": "boolean NOT NULL",
    "valid_from": "timestamptz NOT NULL",
    "valid_to": "timestamptz",
    "field": "text",
    "previous_batch_id": "bigint",
    "old_value": "numeric",
    "new_value": "numeric",
    "difference": "numeric",
    "kind": "text",
    "restated_at": "timestamptz",
}
"""The columns that are no domain's own, described by `{% docs %}` blocks of their names."""
_HEAD = (
    "# The contract of each domain stands once, at its mart; by anchors the models around it have it too.\n\nanchors:\n"
)
_WIDTH = 120
_PLACES: dict[type[Place], str] = {
    FromFileName: "the name of the file",
    FromSheetName: "the name of the sheet",
    FromTitle: "the title of the table",
    FromParameter: "the parameters above the table",
    FromHeader: "the header above the figure",
    FromSection: "the heading of the section",
    FromCells: "the cell below the header",
}
"""Where the value of a column stands, in words."""


def contracts(domains: Sequence[Domain]) -> str:
    """The whole file."""
    shared = "".join(f"  - {_column(name, name, kind, '')}\n" for name, kind in _SHARED.items())
    models = "".join(map(contract, domains))
    sources = "".join(map(source, domains))
    return (
        f"{_HEAD}{shared}\nmodels:\n{models}\nsources:\n  - name: staging\n    schema: staging\n    tables:\n{sources}"
    )


def contract(domain: Domain) -> str:
    """The models of a domain, behind the line `models:`."""
    table, key = domain.config.table, list(domain.config.pk)
    own = [column for column in domain.columns if column.name not in _SHARED]
    figures = [column.name for column in own if column.name not in key]
    lineage = [name for name in domain.column_names if name in _SHARED]
    history = [*key, "batch_id", "file_id"]
    columns = [
        # a withdrawn version in the history has no figures, so that these are never required
        _column(
            f"{table}_{column.name}",
            column.name,
            column.sql_type if column.name in key else column.sql_type.removesuffix(" NOT NULL"),
            _described(domain, column.name),
        )
        for column in own
    ]
    restated = ["field", "previous_batch_id", "old_value", "new_value", "difference", "kind"]
    lines = [
        f"  - &{table}",
        f"    name: {table}",
        f"    description: {json.dumps(_description(domain), ensure_ascii=False)}",
        *_keyed(key),
        "    columns: [",
        *(f"        {column}," for column in columns),
        f"        {', '.join(f'*{name}' for name in (*lineage, 'batch_id', 'file_id', 'processed_at'))}]",
        f"  - {{<<: *{table}, name: int_{table}_next, description: \"{{{{ doc('listed_next') }}}}\"}}",
        f"  - &{table}_history",
        f"    name: {table}_history",
        "    description: \"{{ doc('listed_history') }}\"",
        *_keyed(history),
        *_listed(
            domain, [*history, *figures, "withdrawn", "is_current", *lineage, "valid_from", "valid_to"], "columns: "
        ),
        f"  - {{<<: *{table}_history, name: int_{table}_history_next}}",
        f"  - name: {table}_restatements",
        "    description: \"{{ doc('listed_restatements') }}\"",
        *_listed(domain, [*history, *restated, *lineage, "restated_at"], "columns: "),
        f"  - name: stg_{table}",
        "    description: \"{{ doc('listed_versions') }}\"",
        *_listed(
            domain,
            ["batch_id", "file_id", *domain.column_names, "withdrawn", "processed_at"],
            f"columns: &{table}_versions ",
        ),
    ]
    return "\n".join(lines) + "\n"


def source(domain: Domain) -> str:
    """The table in staging, behind the line `    tables:`."""
    table = domain.config.table
    described = f"description: Landed rows of the domain {domain.name}."
    return f"      - {{name: {table}, {described}, columns: *{table}_versions}}\n"


def _keyed(columns: Sequence[str]) -> list[str]:
    return [f"    constraints: [{{type: primary_key, columns: [{', '.join(columns)}]}}]"]


def _listed(domain: Domain, columns: Sequence[str], label: str) -> list[str]:
    aliases = ", ".join(f"*{name}" if name in _SHARED else f"*{domain.config.table}_{name}" for name in columns)
    return textwrap.wrap(f"    {label}[{aliases}]", _WIDTH, subsequent_indent="      ", break_long_words=False)


def _column(anchor: str, name: str, sql_type: str, description: str) -> str:
    kind = sql_type.removesuffix(" NOT NULL")
    parts = [f"name: {name}", f'data_type: "{kind}"' if "," in kind else f"data_type: {kind}"]
    parts.append(
        "description: " + (json.dumps(description, ensure_ascii=False) if description else _documentation(name))
    )
    if kind != sql_type:
        parts.append("constraints: [{type: not_null}]")
    return f"&{anchor} {{{', '.join(parts)}}}"


def _description(domain: Domain) -> str:
    described = domain.config.description
    parts = [
        domain.name if "{" in described else described,
        "**Nuance** What was loaded again holds the figures of the later load.",
    ]
    return "\n\n".join([*parts, f"**Primary key** {', '.join(domain.config.pk)}"])


def _described(domain: Domain, column: str) -> str:
    """What the model says of a column, else the name that a workbook has for it; empty where a docs block says it."""
    described = domain.model.model_fields.get(column) or domain.model.model_computed_fields.get(column)
    if described and described.description:
        return described.description
    if column in _documented():
        return ""
    cell_field = next((field for field in domain.cell_fields if field.name == column), None)
    if cell_field is None:
        return f"Derived from the columns of the row: {column}."
    if isinstance(cell_field.type, MarkOf):
        return f"Why {cell_field.type.reads} is null, where the publisher keeps it back; null where there is no reason."
    places = [
        f"column {place.letters}" if isinstance(place, FromColumn) else _PLACES[type(place)]
        for place in cell_field.places
    ]
    if places:
        return f"What stands in {', or in '.join(places)}."
    header = (*getattr(cell_field.type, "headers", ()), column)[0]
    name = column if "{" in header else shown(header)  # dbt would render what is in braces
    return f"The column {name} of the workbook."


def _documentation(name: str) -> str:
    return f"\"{{{{ doc('{name}') }}}}\""


@cache
def _documented() -> frozenset[str]:
    """The columns that `{% docs %}` blocks beside the ledger's models describe, which every project has."""
    texts = [
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "dbt_project/models/staging/ledger").glob("*.md"))
    ]
    return frozenset(name for text in texts for name in re.findall(r"{% docs (\w+) %}", text))
