"""`run.py trace`: where a figure comes from, version by version, down to the cell of the workbook."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pydantic_core import PydanticCustomError

from extract.config import DataSources, load_data_sources
from extract.database.connection import transaction
from extract.database.targets import database_target
from extract.domains.registry import Domain, load_domain
from extract.errors.approvals import FigureUnknown
from extract.errors.base import WorkDataHubError
from extract.fields.base import FileContext
from extract.files.discovery import named_files
from extract.settings import Settings
from extract.staging.derived import Derived, derived_figure
from extract.staging.versions import Version, company_columns, versions_of
from extract.table.reading import extract_sheets
from extract.table.sheet.extraction import SheetExtraction
from extract.table.tracing import TracedCell, traced_row
from extract.wording import Sentence
from orchestrate.dbt.publication import Publication, publication
from orchestrate.reading import read_options


@dataclass(frozen=True)
class TracedVersion:
    """A version with its cells, read again from its workbook; `why_not` says why there are none."""

    version: Version
    cells: tuple[TracedCell, ...]
    why_not: str | None


@dataclass(frozen=True)
class Trace:
    """The versions of a plan's month, newest first; with a derived figure, what that is made of."""

    database: str
    plan: str
    month: date
    versions: tuple[TracedVersion, ...]
    derived: tuple[Derived, ...] = ()
    published: Publication | None = None
    """How the marts were published that derived figures are of."""


@dataclass(frozen=True)
class Figure:
    """What is asked for. Without a `column` the plan's month itself; with one, that of the mart of plans' months."""

    domain: str
    plan: str
    month: date
    company: str | None
    column: str | None


def trace(asked: Figure, settings: Settings) -> Trace:
    """Every version of a figure. Workbooks are read again from where they were, or from below the data directory.

    Raises FigureUnknown, MartRunsCode, and the errors of the database.
    """
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, asked.domain, settings.data_sources_config)
    target = database_target(settings)
    code = _as_loaded(domain, domain.model.label_field, asked.plan)
    company = asked.company
    if company is not None:
        company = next((_as_loaded(domain, name, company) for name in company_columns(domain)), company)
    with transaction(target) as connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        found = versions_of(cursor, domain, code, asked.month, company)
        derived = derived_figure(cursor, domain, code, asked.month, company, asked.column) if asked.column else ()
        published = publication(cursor) if asked.column else None
    if not found:
        of_company = Sentence(" of company {company}", company=company) if company is not None else ""
        raise FigureUnknown(plan=code, month=f"{asked.month:%Y-%m}", company=of_company)
    workbooks: dict[tuple[str, str], list[SheetExtraction] | str] = {}
    traced = []
    for version in found:
        content = version.path, version.sha256
        if content not in workbooks:
            workbooks[content] = _read_again(version, domain, sources, settings)
        traced.append(_traced(version, workbooks[content]))
    return Trace(target.label, code, asked.month, tuple(traced), derived, published)


@dataclass(frozen=True)
class _Typed:
    """What reading a text that a person typed depends on."""

    context: FileContext
    field_name: str | None


def _as_loaded(domain: Domain, name: str, typed: str) -> str:
    """What a person typed as the field would read it from a cell (p-101 is P101); as it stands where it cannot."""
    (kind,) = (field.type for field in domain.cell_fields if field.name == name)
    try:
        return str(kind.read(typed, _Typed(FileContext(datetime.now(tz=UTC).date(), words=domain.words), name)))
    except PydanticCustomError:
        return typed.strip()


def _traced(version: Version, workbook: Sequence[SheetExtraction] | str) -> TracedVersion:
    if isinstance(workbook, str):
        return TracedVersion(version, (), workbook)
    cells = traced_row(workbook, version.data_source, version.source_sheet, version.source_row)
    if not cells:
        return TracedVersion(
            version, (), f"row {version.source_row} of {version.source_sheet} is not found in {version.path}"
        )
    return TracedVersion(version, tuple(cells), None)


def _read_again(
    version: Version, domain: Domain, sources: DataSources, settings: Settings
) -> list[SheetExtraction] | Sentence:
    """The sheets of the workbook of a version, or why they cannot be had."""
    if domain.model.layout:
        return Sentence(
            "the cells of a table with a layout are not read again: source_row and source_column tell the cell"
        )
    below = settings.data_base_dir / version.data_source
    places = dict.fromkeys((Path(version.path), *([below] if version.mends is None else [])))
    problem = Sentence("{path} is gone", path=version.path)
    sheet = None if version.mends else version.source_sheet
    options = read_options(sources, settings, sheet, frozenset(version.accepted))
    for path in filter(Path.is_file, places):
        try:
            (source,) = named_files([path], settings.data_base_dir, domain.config).files
            if version.mends is None:
                source = replace(source, data_source=version.data_source, period=version.period)
            done = extract_sheets(source, domain, version.loaded_at.date(), options)
        except WorkDataHubError as error:
            problem = Sentence("{path} cannot be read again: {problem}", path=path, problem=error.message)
            continue
        if done[0].reading.sha256 == version.sha256:
            return done
        problem = Sentence(
            "{path} has changed since: its SHA-256 is not {sha256}", path=path, sha256=version.sha256[:12]
        )
    return problem
