"""Reading a workbook in a test: the whole way from its bytes to records and rejects, and its cells by address."""

from dataclasses import replace
from pathlib import Path

from conftest import TODAY
from extract.domains.registry import Domain
from extract.files.discovery import named_files
from extract.limits import Limits
from extract.table.reading import ReadOptions, extract_file
from extract.table.records.results import FileResult
from extract.workbook.cells import Cell, address
from extract.workbook.opening import open_workbook
from extract.workbook.sheet import Sheet


def read_all(
    path: Path, domain: Domain, options: ReadOptions | None = None, **config: object
) -> tuple[FileResult, ...]:
    """Extract a workbook; `config` changes the configuration of the domain."""
    used = replace(domain, config=domain.config.model_copy(update=config))
    return extract_file(named_files([path], path.parent, used.config).files[0], used, TODAY, options)


def read(path: Path, domain: Domain, options: ReadOptions | None = None, **config: object) -> FileResult:
    """Extract a workbook of which one sheet is read."""
    (result,) = read_all(path, domain, options, **config)
    return result


def records(result: FileResult) -> list[str]:
    """The records up to has_performance_data."""
    return [",".join(line.split(",")[:7]) for line in result.records.decode().splitlines()]


def cells(result: FileResult) -> list[tuple[str, str]]:
    """Cell and code of every reject."""
    return [(reject.cell, reject.code) for row in result.rejected for reject in row.rejects]


def opened(path: Path, sheet: str | None = None) -> Sheet:
    """A sheet of a workbook (the first, unless named), before any domain."""
    workbook = open_workbook(path.read_bytes(), path.name, None, Limits())
    return workbook.read(sheet or workbook.sheets[0].name)


def by_address(sheet: Sheet) -> dict[str, Cell]:
    """The cells that hold something, by their address."""
    rows = sheet.rows()
    return {address(number, index): cell for number, row in rows for index, cell in enumerate(row) if cell != ""}
