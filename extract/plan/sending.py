"""What a reader sends of a workbook: its rows as bytes, piece by piece, so that nobody holds all of them at once.

A sheet has several parts, one after the other: its records, its rejected rows for staging, the lines of rejects.csv,
and the rows of rejects.xlsx by their pages. Beside them goes `Sent`, which tells where each of them ends.
"""

import csv
import io
import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import IO, TypeVar

from extract.errors.base import DataError
from extract.table.records.origins import Origin
from extract.table.records.results import FileReport, FileResult, Reject, RejectedRow

REJECT_COLUMNS = ("data_source", "source_sheet", "source_row", "column", "value", "code", "reason")
"""Columns of rejects.csv."""
MAX_ROWS = 10_000
"""Rejected rows that one sheet of rejects.xlsx shows; rejects.csv has all of them."""
MAX_COLUMNS = 16_384 - 16
"""Columns of a workbook that one sheet of rejects.xlsx shows: those that Excel has, less our own."""
FIRST_REJECTS = 10
"""Rejects that a person sees at once."""
_ROWS, _CELLS, _BYTES = 100, 20_000, 2**20
"""Rows (of how many cells) that are rendered together, and bytes that are sent at once."""

Send = Callable[[bytes], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """Rejected rows of one workbook under one header, in the order of the page; `rows` tells how many there are.

    `length` are the bytes of those that are sent, `codes` the numbers of broken rules by code.
    """

    origin: Origin
    header: tuple[str, ...]
    lacking: tuple[tuple[str, str], ...]
    rows: int
    codes: dict[str, int]
    length: int


@dataclass(frozen=True)
class Sent:
    """The account of a sheet whose parts are sent, with the length of each in bytes."""

    report: FileReport
    failure: DataError | None
    records: int
    rejected: int
    rejects: int
    pages: tuple[Page, ...]
    odd_codes: bool
    first_rejects: tuple[Reject, ...]
    broken_rules: int


def send_result(result: FileResult, send: Send) -> Sent:
    """Send the parts of one result; gives what tells of them."""
    rows = result.rejected
    rejects = [reject for row in islice(rows, FIRST_REJECTS) for reject in row.rejects]
    return Sent(
        report=result.report,
        failure=result.failure,
        records=_sent((result.records,), send),
        rejected=_sent(map(_rejected_lines, _batches(rows, _ROWS)), send),
        rejects=_sent(map(_reject_lines, _batches(rows, _ROWS)), send),
        pages=tuple(_send_pages(rows, send)),
        odd_codes=result.odd_codes,
        first_rejects=tuple(rejects[:FIRST_REJECTS]),
        broken_rules=sum(len(row.rejects) for row in rows),
    )


def sent_objects(source: IO[bytes], start: int, length: int) -> Iterator[object]:
    """The pickled batches that lie somewhere in what was sent, one item after the other."""
    position = start
    while position < start + length:
        source.seek(position)
        batch = pickle.load(source)  # by our own process
        position = source.tell()
        yield from batch


def _sent(pieces: Iterable[bytes], send: Send) -> int:
    """Send pieces in as few messages as are small; gives the length of all."""
    length, waiting = 0, bytearray()
    for piece in pieces:
        length += len(piece)
        waiting += piece
        while len(waiting) >= _BYTES:
            send(bytes(waiting[:_BYTES]))
            del waiting[:_BYTES]
    if waiting:
        send(bytes(waiting))
    return length


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _rejected_lines(rows: Iterable[RejectedRow]) -> bytes:
    """Rejected rows as CSV lines for staging: row number, the row as JSON, its errors as JSON, its id."""
    return _lines(
        (row.source_row, _json(row.row), _json([asdict(reject) for reject in row.rejects]), row.origin.reject_id)
        for row in rows
    )


def _reject_lines(rows: Iterable[RejectedRow]) -> bytes:
    return _lines([getattr(reject, name) for name in REJECT_COLUMNS] for row in rows for reject in row.rejects)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue().encode()


def _json(value: object) -> str:
    """JSON for jsonb, which cannot hold the character NUL."""
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "\\ufffd")


def _send_pages(rows: Iterable[RejectedRow], send: Send) -> Iterator[Page]:
    """The rejected rows by workbook and header, since a sheet may hold several tables."""
    groups: dict[tuple[object, ...], list[RejectedRow]] = {}
    for row in rows:
        book = (row.origin.data_source, row.origin.month, row.origin.delimiter)
        groups.setdefault((*book, _trimmed(row.header), row.lacking), []).append(row)
    for group in groups.values():
        yield Page(
            origin=group[0].origin,
            header=_trimmed(group[0].header),
            lacking=group[0].lacking,
            rows=len(group),
            codes=dict(Counter(reject.code for row in group for reject in row.rejects)),
            length=_sent(map(_page_rows, _batches(_ordered(group)[:MAX_ROWS], _rows_at_once(group[0]))), send),
        )


def _rows_at_once(row: RejectedRow) -> int:
    """Rows that are taken up again together, by their width."""
    return max(1, min(_ROWS, _CELLS // max(1, len(row.cells))))


def _page_rows(rows: Iterable[RejectedRow]) -> bytes:
    """Rows without what their page says of all of them."""
    return pickle.dumps([replace(row, row={}, header=()) for row in rows])


def _trimmed(header: Sequence[str]) -> tuple[str, ...]:
    width = max((index for index, name in enumerate(header, start=1) if name), default=0)
    return tuple(header[: min(width, MAX_COLUMNS)])


def _ordered(rows: Sequence[RejectedRow]) -> list[RejectedRow]:
    """In the order of the sheet, but rows with one key one below the other, where the first of them stands."""
    first: dict[str, int] = {}
    for position, row in enumerate(rows):
        if row.conflict:
            first.setdefault(row.conflict.key, position)
    places = [first[row.conflict.key] if row.conflict else position for position, row in enumerate(rows)]
    return [rows[position] for position in sorted(range(len(rows)), key=lambda position: (places[position], position))]
