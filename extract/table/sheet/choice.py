"""Which sheets of a workbook are read: by name, by index, the best fitting one, or several.

Hidden sheets are read only when they are named.
"""

import re
from collections.abc import Callable, Collection
from difflib import SequenceMatcher
from itertools import islice
from typing import Protocol

from extract.config import DomainConfig
from extract.errors.base import DataError
from extract.errors.table import SheetAmbiguous, SheetNotFound
from extract.fields.base import compared
from extract.foreign import shown
from extract.table.header.finding import HEADER_ROWS, Rows
from extract.table.records.results import FileWarning
from extract.wording import Sentence
from extract.workbook.cells import Merges
from extract.workbook.sheet import Sheet, SheetName, Workbook

AUTO = "auto"
_MOST_OTHERS = 200
"""Sheets that are looked at for tables that are not read."""


class Scoring(Protocol):
    """A finder of headers, as far as it tells how well a sheet fits."""

    def score(self, rows: Rows, merges: Merges) -> int: ...


FinderOf = Callable[[str], Scoring]
"""The finder of headers for a sheet by its name."""


def chosen_sheets(workbook: Workbook, config: DomainConfig, wanted: str | None, finder: FinderOf) -> list[Sheet]:
    """The sheets to read, by `wanted` (--sheet) or the configuration. Raises SheetNotFound, SheetAmbiguous."""
    names = [sheet.name for sheet in workbook.sheets]
    if wanted is None and config.sheets is not None:
        return [workbook.read(name) for name in _several(workbook, config.sheets)]
    sheet = config.sheet if wanted is None else wanted
    if sheet == AUTO and AUTO not in names:
        return [_best(workbook, finder)]
    return [workbook.read(sheet_name(workbook, sheet))]


def sheet_name(workbook: Workbook, wanted: str | int) -> str:
    """The sheet that is wanted by its name, or by its index among the visible ones. Raises SheetNotFound.

    Where no sheet has the name letter by letter, the only one counts that has it but for white space and case.
    """
    visible = [sheet.name for sheet in workbook.sheets if sheet.visible]
    names = [sheet.name for sheet in workbook.sheets]
    if isinstance(wanted, str) and wanted in names:
        return wanted
    alike = [name for name in names if isinstance(wanted, str) and compared(name) == compared(wanted)]
    if len(alike) == 1:
        return alike[0]
    is_index = isinstance(wanted, int) or wanted.isdecimal()  # unless a sheet bears that name
    if is_index and int(wanted) < len(visible):
        return visible[int(wanted)]
    raise SheetNotFound(file=workbook.file, sheet=str(wanted), sheets=_listed(workbook.sheets, str(wanted)))


def _several(workbook: Workbook, wanted: tuple[str, ...] | str) -> list[str]:
    if not isinstance(wanted, str):
        return [sheet_name(workbook, name) for name in wanted]
    names = [sheet.name for sheet in workbook.sheets if sheet.visible and re.search(wanted, sheet.name)]
    if not names:
        raise SheetNotFound(file=workbook.file, sheet=f"like {wanted}", sheets=_listed(workbook.sheets, wanted))
    return names


def unread_warning(workbook: Workbook, read: Collection[str], finder: FinderOf) -> FileWarning | None:
    """A warning that names the other visible sheets that hold a complete header; None where there is none."""
    found, unreadable = [], []
    others = [sheet for sheet in workbook.sheets if sheet.visible and sheet.name not in read]
    for sheet in others[:_MOST_OTHERS]:
        try:
            if _score(workbook.read(sheet.name), finder):
                found.append(sheet.name)
        except DataError:  # it is none of those that are read
            unreadable.append(sheet.name)
    if not found + unreadable and len(others) <= _MOST_OTHERS:
        return None
    told = []
    if found:
        told.append(Sentence("{sheets} hold a table too", sheets=", ".join(map(shown, found))))
    if unreadable:
        told.append(Sentence("{sheets} cannot be read", sheets=", ".join(map(shown, unreadable))))
    if len(others) > _MOST_OTHERS:
        told.append(Sentence("{more} more were not looked at", more=len(others) - _MOST_OTHERS))
    detail = Sentence(
        "sheets that were not read: {told}; read them by --sheet, or by `sheets` in the configuration",
        told=Sentence.joined("; ", told),
    )
    return FileWarning("sheets_not_read", detail)


def _score(sheet: Sheet, finder: FinderOf) -> int:
    return finder(sheet.name).score(list(islice(sheet.rows(), HEADER_ROWS)), sheet.sorted_merges)


def _best(workbook: Workbook, finder: FinderOf) -> Sheet:
    """The visible sheet whose header maps most fields; the first visible one where none maps any."""
    sheets = [workbook.read(sheet.name) for sheet in workbook.sheets if sheet.visible]
    if not sheets:
        raise SheetNotFound(file=workbook.file, sheet=AUTO, sheets=_listed(workbook.sheets, ""))
    scores = [_score(sheet, finder) for sheet in sheets]
    best = [sheet for sheet, score in zip(sheets, scores, strict=True) if score == max(scores)]
    if len(best) > 1 and max(scores):
        raise SheetAmbiguous(file=workbook.file, first=best[0].name, second=best[1].name)
    return best[0]


def _listed(sheets: tuple[SheetName, ...], wanted: str) -> str:
    """The names of the sheets, similar ones first; hidden ones say so."""
    ordered = sorted(sheets, key=lambda sheet: -SequenceMatcher(None, wanted.lower(), sheet.name.lower()).ratio())
    return ", ".join(sheet.name if sheet.visible else f"{sheet.name} (hidden)" for sheet in ordered) or "(it has none)"
