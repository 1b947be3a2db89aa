"""The rejects as a workbook, to read and to send: a line for each, all of it text. It is not the one to mend."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from extract.errors.plan import DiskFailed
from extract.wording import say
from extract.workbook.cells import LONGEST_TEXT

COLUMNS = {
    "reject": 24,
    "month": 10,
    "domain": 22,
    "status": 12,
    "outcome": 40,
    "workbook": 40,
    "sheet": 16,
    "row": 8,
    "reasons": 70,
    "cells": 70,
    "rejected at": 22,
    "in batch": 10,
}
"""The columns, with their widths."""


def _titles() -> tuple[str, ...]:
    """The titles of COLUMNS in the language of the reader."""
    return (
        say("reject"), say("month"), say("domain"), say("status"), say("outcome"), say("workbook"), say("sheet"),
        say("row"), say("reasons"), say("cells"), say("rejected at"), say("in batch"),
    )  # fmt: skip


def write_list(rejects: Iterable[Sequence[object]], path: Path) -> None:
    """Write the list: a value for each column of each reject. A file of that name is replaced. Raises DiskFailed."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(say("Rejects"))
    for letter, width in zip("ABCDEFGHIJKL", COLUMNS.values(), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"

    def text(value: object) -> Cell:
        cell: Cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", str(value))[:LONGEST_TEXT])
        cell.data_type = "s"  # or a value that begins with = would be a formula
        return cell

    header = [text(title) for title in _titles()]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for reject in rejects:
        sheet.append([text(value) for value in reject])
    try:
        workbook.save(path)
    except OSError as error:
        raise DiskFailed(path=str(path), problem=error.strerror or str(error)) from None
