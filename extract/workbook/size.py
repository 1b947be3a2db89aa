"""Limits that are checked before anything is parsed, so that no file can take the machine down."""

import io
import zipfile

from extract.errors.workbook import WorkbookTooLarge, WorkbookUnreadable
from extract.limits import MEGABYTE, Limits


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
        raise WorkbookUnreadable(file=file, problem=f"its archive is broken or cut off ({error})") from None
    if len(parts) > limits.parts:
        raise _too_large(file, f"it has {len(parts)} parts", "parts", limits.parts)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_mb * MEGABYTE:
        raise _too_large(file, f"it unpacks to {unpacked / MEGABYTE:.0f} MB", "unpacked_mb", limits.unpacked_mb)
    if unpacked > limits.ratio_from_mb * MEGABYTE and unpacked > limits.ratio * len(data):
        raise _too_large(file, f"it unpacks to {unpacked / len(data):.0f} times its size", "ratio", limits.ratio)


def check_used_range(rows: int, columns: int, last_cell: str, file: str, sheet: str, limits: Limits) -> None:
    """Raise WorkbookTooLarge for a sheet whose used range, which the reader holds whole, has too many cells."""
    if rows * columns > limits.cells:
        problem = f"sheet {sheet} is used as far as {last_cell}, which is {rows * columns:,} cells"
        raise _too_large(file, problem, "cells", limits.cells)


def _too_large(file: str, problem: str, key: str, limit: int) -> WorkbookTooLarge:
    return WorkbookTooLarge(file=file, problem=problem, key=key, limit=limit)
