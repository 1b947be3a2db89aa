"""A proposal as what a person reviews: the module of its model, its entry of the configuration, and its test.

Whatever comes from the workbook stands in these texts as a quoted literal alone, so that no cell becomes code.
"""

import json
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal
from enum import Enum
from typing import Any

from extract.errors.configuration import ConfigInvalid
from extract.fields.base import CellType
from extract.fields.codes import Code
from extract.fields.dates import Date, Month
from extract.fields.integers import Integer
from extract.fields.numbers import AMOUNT_UNITS, PRICE_UNITS, SHARE_UNITS, Number, Share
from extract.fields.periods import Period
from extract.fields.texts import Text
from extract.proposals.proposal import Proposal, ProposedField, label_field

_WIDTH = 120
_GIVES: dict[type[CellType], str] = {
    Period: "date", Month: "date", Date: "date", Code: "str", Text: "str", Integer: "int", Number: "Decimal",
    Share: "Decimal",
}  # fmt: skip
_UNITS = ((AMOUNT_UNITS, "AMOUNT_UNITS"), (PRICE_UNITS, "PRICE_UNITS"), (SHARE_UNITS, "SHARE_UNITS"))
_IMPORTS = {
    Code: "extract.fields.codes", Date: "extract.fields.dates", Month: "extract.fields.dates",
    Integer: "extract.fields.integers", Number: "extract.fields.numbers", Share: "extract.fields.numbers",
    Period: "extract.fields.periods", Text: "extract.fields.texts",
}  # fmt: skip


def model_text(proposal: Proposal) -> str:
    """The module of the model."""
    body = "".join(_field_text(item, proposal) for item in proposal.fields)
    title = "".join(part.capitalize() for part in proposal.name.split("_"))
    rows = ", ".join(f"HeaderRow.{row.name}" for row in proposal.header)
    layout = f"    layout: ClassVar[Layout] = Layout(header=({rows}))\n" if rows else ""
    grain = ", ".join(proposal.key) or "(no key was seen)"
    return (
        f'"""{proposal.name}: proposed by `new-domain`; say here what a row means."""\n\n'
        f"{_imports(proposal, body)}\n\n"
        f"class {title}(DomainModel):\n"
        f'    """A chunk of rows of one workbook. Grain: one row per {grain}."""\n\n'
        f'    label_field: ClassVar[str] = "{label_field(proposal)}"\n'
        f"    rules: ClassVar[int] = 1\n{layout}\n{body}"
    )


def _imports(proposal: Proposal, body: str) -> str:
    wanted: dict[str, set[str]] = {}
    for item in proposal.fields:
        wanted.setdefault(_IMPORTS[type(item.type)], set()).add(type(item.type).__name__)
    for _, name in _UNITS:
        if f"={name}" in body:
            wanted["extract.fields.numbers"].add(name)
    if proposal.header:
        wanted["extract.fields.places"] = {
            "HeaderRow",
            "Layout",
            *(["FromFileName"] if "FromFileName()" in body else []),
        }
    if "MonthOf." in body:
        wanted["extract.fields.dates"].add("MonthOf")
    lines = ["from datetime import date"] * ("[date" in body or "        date" in body)
    lines += ["from decimal import Decimal"] * ("Decimal" in body)
    lines += ["from typing import Annotated, ClassVar", "", "from extract.domains.base import Column, DomainModel"]
    for module, names in sorted(wanted.items()):
        ordered = sorted(names, key=lambda name: (not name.isupper(), name))
        lines.append(f"from {module} import {', '.join(ordered)}")
    return "\n".join(lines) + "\n"


def _field_text(item: ProposedField, proposal: Proposal) -> str:
    gives = _GIVES[type(item.type)]
    nullable = isinstance(item.type, Number) or getattr(item.type, "nullable", False)
    hint = f"{gives} | None" if nullable and item.name not in proposal.key else gives
    arguments = _arguments(item.type)
    call = f"{type(item.type).__name__}({', '.join(arguments)})"
    place = "FromFileName()" if proposal.header and not item.columns else ""
    line = f"    {item.name}: Column[Annotated[{hint}, {call}{', ' * bool(place)}{place}]]\n"
    if len(line) <= _WIDTH + 1:
        return line
    inner = f"            {call},\n"
    if len(inner) > _WIDTH + 1:
        parts = "".join(f"                {argument},\n" for argument in arguments)
        inner = f"            {type(item.type).__name__}(\n{parts}            ),\n"
    inner += f"            {place},\n" * bool(place)
    return f"    {item.name}: Column[\n        Annotated[\n            {hint},\n{inner}        ]\n    ]\n"


def _arguments(kind: CellType) -> list[str]:
    """What a type is made with, by name, defaults left out."""
    given = []
    for item in fields(kind):  # type: ignore[arg-type]  # all field types are dataclasses
        value = getattr(kind, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if value != default:
            given.append(f"{item.name}={_literal(value)}")
    return given


def _literal(value: Any) -> str:
    for units, name in _UNITS:
        if value == units:
            return name
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Decimal):
        return f"Decimal({int(value)})" if value == int(value) else f'Decimal("{value}")'
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' * (len(value) == 1)})"
    if isinstance(value, str):
        return _quoted(value)
    return repr(value)


def _quoted(text: str) -> str:
    """A text as a Python literal, with escapes for what cannot be seen."""
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


_OF_MONTHS, _OF_ALL = "    select: latest_by_year_month", "    select: all"


def entry_text(proposal: Proposal) -> str:
    """The entry of the configuration, as it stands below `domains:`."""
    lines = [
        f"  {proposal.name}:",
        f"    description: {proposal.name}, proposed by new-domain",
        f"    pattern: {_yaml(proposal.files.pattern)}",
        _OF_MONTHS if proposal.files.has_period else _OF_ALL,
        *_sheet_lines(proposal),
        f"    table: {proposal.name}",
        f"    pk: [{', '.join(proposal.key)}]",
        *(["    replace_scope: [report_date]"] if "report_date" in proposal.key else []),
    ]
    if proposal.month_words:
        words = ", ".join(f"{_yaml(word)}: {number}" for word, number in proposal.month_words.items())
        lines.append(f"    month_words: {{{words}}}")
    lines.append(f"    summary_labels: [{', '.join(map(_yaml, proposal.summary_labels))}]")
    return "\n".join(lines) + "\n"


def _sheet_lines(proposal: Proposal) -> list[str]:
    """The sheet with the table: whichever it is, where the workbook has one table and its model finds it anywhere."""
    if proposal.has_only_table and not proposal.header:
        return ["    sheet: auto"]
    return [] if proposal.is_first_sheet else [f"    sheet: {_yaml(proposal.sheet)}"]


def _yaml(text: str) -> str:
    """A text as a YAML scalar in quotes, with escapes for what cannot be seen."""
    if text.isprintable() and "'" not in text:
        return f"'{text}'"
    plain = (letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}" for letter in text)
    return f'"{"".join(plain)}"'


def with_entry(configuration: str, entry: str, path: str) -> str:
    """The configuration with the entry as its first one. Raises ConfigInvalid where its `domains` cannot be seen."""
    lines = configuration.splitlines(keepends=True)
    for number, line in enumerate(lines):
        bare = line.partition("#")[0].rstrip()
        if bare in ("domains:", "domains: {}"):
            head = line.replace("domains: {}", "domains:", 1)
            return "".join([*lines[:number], head if head.endswith("\n") else head + "\n", entry, *lines[number + 1 :]])
    raise ConfigInvalid(path=path, key="domains", problem="no line says `domains:`, behind which the new entry goes")


@dataclass(frozen=True)
class Places:
    """Where a test finds what it reads: the folder (an expression on its own path), and in it two paths."""

    folder: str
    configuration: str
    workbook: str


def test_of(proposal: Proposal, places: Places, *, loaded: int, rejected: int) -> str:
    """The module of the test: the workbook that the proposal was made from is read as it was when it was made."""
    key = ", ".join(map(_quoted, proposal.key)) + "," * (len(proposal.key) == 1)
    return f'''"""The domain {proposal.name} reads the workbook that it was proposed from."""

from datetime import date
from pathlib import Path

import pytest

from extract.config import load_data_sources
from extract.domains.registry import load_domain
from extract.files.discovery import named_files
from extract.table.reading import extract_file

FOLDER = {places.folder}
CONFIGURATION = FOLDER / {_quoted(places.configuration)}
WORKBOOK = FOLDER / {_quoted(places.workbook)}


@pytest.mark.skipif(not WORKBOOK.is_file(), reason="the workbook that the domain was proposed from is not here")
def test_the_workbook_is_read_as_it_was_proposed() -> None:
    domain = load_domain(load_data_sources(CONFIGURATION), "{proposal.name}", CONFIGURATION)
    (source,) = named_files([WORKBOOK], WORKBOOK.parent, domain.config).files
    (result,) = extract_file(source, domain, date.today())  # noqa: DTZ011  # the calendar of the user
    assert domain.config.pk == ({key})
    assert result.report.header_row == {proposal.header_row}
    assert (result.report.rows_loaded, result.report.rows_rejected) == ({loaded}, {rejected})
'''
