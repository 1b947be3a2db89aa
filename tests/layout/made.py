"""A domain made for a test: its model beside a configuration, and a workbook that is read by it."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import indent

import openpyxl

from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.errors.base import DataError
from extract.table.records.results import FileResult
from reading import read_all

_MODEL = '''"""Made for a test."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from extract.domains.base import Column, DomainModel, SpreadModel
from extract.fields.dates import Month, MonthOf
from extract.fields.integers import Integer
from extract.fields.numbers import Number
from extract.fields.places import *
from extract.fields.texts import Choice, Text

NAMES, VALUES, UNITS, SKIP = HeaderRow


def figure(*headers, **more):
    return Number(headers=headers, precision=18, scale=2, minimum=Decimal(-1000), **({{"unit_powers": {{}}}} | more))


class Made({base}):
    """One record per whatever the test says."""

    label_field: ClassVar[str] = "name"
    rules: ClassVar[int] = 1
    layout: ClassVar[Layout | None] = {layout}

{fields}
'''
_CONFIG = r"""
domains:
  made:
    description: made for a test
    pattern: '^made.*\.xlsx$'
    select: all
    table: made
    pk: [{pk}]
    month_words: {{january: 1, february: 2}}
    nulls: [n/a]
    summary_labels: [Total]
{more}
discovery: {{exclude_directories: [], ignore_names: [], max_depth: 1, follow_symlinks: false}}
"""


def made(folder: Path, layout: str, fields: dict[str, str], pk: Sequence[str] = ("name",), more: str = "") -> Domain:
    """The domain; `fields` are their types and places as they stand in an Annotated."""
    declared = "\n".join(f"    {name}: Column[Annotated[{kind}]]" for name, kind in fields.items())
    base = (
        "SpreadModel"
        if any("FromHeader" in kind and "over=" not in kind for kind in fields.values())
        else "DomainModel"
    )
    (folder / "made.py").write_text(_MODEL.format(base=base, layout=layout, fields=declared), encoding="utf-8")
    path = folder / "data_sources.yml"
    path.write_text(_CONFIG.format(pk=", ".join(pk), more=indent(more, "    ")), encoding="utf-8")
    return load_domain(load_data_sources(path), "made", path)


def book(
    folder: Path,
    rows: Sequence[Sequence[object]],
    merges: Sequence[str] = (),
    sheet: str = "Sheet",
    name: str = "made.xlsx",
) -> Path:
    """A workbook with some rows from A1 on."""
    workbook = openpyxl.Workbook()
    worksheet = workbook.active
    worksheet.title = sheet
    for row in rows:
        worksheet.append(list(row))
    for merge in merges:
        worksheet.merge_cells(merge)
    workbook.save(folder / name)
    return folder / name


def result(path: Path, domain: Domain) -> FileResult:
    """What the workbook gives."""
    (found,) = read_all(path, domain)
    return found


def records(path: Path, domain: Domain) -> list[str]:
    """The fields of the records, each record as one text."""
    count = len(domain.cell_fields)
    return [" ".join(line.split(",")[:count]) for line in result(path, domain).records.decode().splitlines()]


def problems(path: Path, domain: Domain) -> list[str]:
    """The error, or the rejects with their cells and the warnings."""
    try:
        found = result(path, domain)
    except DataError as error:
        return [f"{error.code()}: {error.message}"]
    if found.failure:
        return [f"{found.failure.code()}: {found.failure.message}"]
    rejects = [f"{reject.code}: {reject.cell} {reject.reason}" for row in found.rejected for reject in row.rejects]
    return [*rejects, *(f"{warning.code}: {warning.detail}" for warning in found.report.warnings)]
