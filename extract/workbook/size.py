"""Limits that are checked before anything is parsed, so that no file can take the machine down."""

import io
import zipfile

from extract.errors.workbook import WorkbookTooLarge, WorkbookUnreadable
from extract.limits import MEGABYTE, Limits
from extract.wording import Sentence


def check_size(size: int, file: str, limits: Limits) -> None:
    """Raise WorkbookTooLarge for a file of too many bytes."""
    if size > limits.file_mb * MEGABYTE:
        raise _too_large(file, f"it has {size / MEGABYTE:.0f} MB", "file_mb", limits.file_mb)


def check_archive(data: bytes, file: str, limits: Limits) -> None:
    """Raise WorkbookTooLarge for an archive that unpacks to too much: in all, by its ratio, or in too many parts."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WorkbookUnreadable(
            file=file, problem=Sentence("its archive is broken or cut off ({error})", error=str(error))
        ) from None
    if len(parts) > limits.parts:
        raise _too_large(file, Sentence("it has {parts} parts", parts=len(parts)), "parts", limits.parts)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_mb * MEGABYTE:
        raise _too_large(
            file, Sentence("it unpacks to {size:.0f} MB", size=unpacked / MEGABYTE), "unpacked_mb", limits.unpacked_mb
        )
    if unpacked > limits.ratio_from_mb * MEGABYTE and unpacked > limits.ratio * len(data):
        raise _too_large(
            file,
            Sentence("it unpacks to {times:.0f} times its size", times=unpacked / len(data)),
            "ratio",
            limits.ratio,
        )


def check_used_range(rows: int, columns: int, last_cell: str, file: str, sheet: str, limits: Limits) -> None:
    """Raise WorkbookTooLarge for a sheet whose used range, which the reader holds whole, has too many cells."""
    if rows * columns > limits.cells:
        problem = Sentence(
            "sheet {sheet} is used as far as {cell}, which is {cells:,} cells",
            sheet=sheet,
            cell=last_cell,
            cells=rows * columns,
        )
        raise _too_large(file, problem, "cells", limits.cells)


def _too_large(file: str, problem: str, key: str, limit: int) -> WorkbookTooLarge:
    return WorkbookTooLarge(file=file, problem=problem, key=key, limit=limit)
