"""Looks at the files of seeds before they load: what would fail half-way, or load as something else."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orchestrate.manifest import Manifest, Seed

_LEADING_ZERO = re.compile(r"\s*-?0\d+\s*")
_TEXT_TYPE = re.compile(r"(text|char|character|varchar|bpchar|citext|string)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """What is wrong with a seed: file, line (None where it concerns the file as a whole) and reason."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


def seed_problems(manifest: Manifest) -> list[Problem]:
    """Everything that is wrong with the files of the enabled seeds, in the order of the files."""
    return [problem for seed in manifest.seeds for problem in _problems(seed)]


def _problems(seed: Seed) -> Iterator[Problem]:
    name = seed.node.path
    content = seed.file.read_bytes()
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        yield Problem(name, None, "the file is empty")
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        yield Problem(name, line, f"byte {content[error.start]:#04x} is not UTF-8: save the file as UTF-8")
        return
    if "\0" in text:
        yield Problem(name, text[: text.index("\0")].count("\n") + 1, "holds a NUL, which no text of a database can")
        return
    yield from _problems_of_rows(seed, text)


def _problems_of_rows(seed: Seed, text: str) -> Iterator[Problem]:
    name = seed.node.path
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=seed.delimiter)
    header: Sequence[str] = ()
    rows = 0
    zeros: dict[int, tuple[int, str]] = {}
    before = 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            if not header:
                header = row
                yield from _problems_of_header(seed, header)
                typed = {column.lower() for column, kind in seed.column_types.items() if _TEXT_TYPE.match(str(kind))}
                untyped = [number for number, column in enumerate(header) if column.lower() not in typed]
                continue
            if not row:
                continue  # dbt skips blank lines too
            rows += 1
            if len(row) != len(header):
                yield Problem(name, line, f"{len(row)} fields, the header has {len(header)}")
                continue
            for number in untyped:
                if number not in zeros and _LEADING_ZERO.fullmatch(row[number]):
                    zeros[number] = (line, row[number])
    except csv.Error as error:
        yield Problem(name, reader.line_num, f"is no CSV: {error}")
        return
    if not rows:
        yield Problem(name, None, "holds a header and no rows")
    elif zeros:
        yield from _lost_zeros(seed, header, zeros)


def _problems_of_header(seed: Seed, header: Sequence[str]) -> Iterator[Problem]:
    name = seed.node.path
    blank = [str(number) for number, column in enumerate(header, start=1) if not column.strip()]
    if blank:
        yield Problem(name, 1, f"the header of column {', '.join(blank)} is blank")
    counts = Counter(column.strip().lower() for column in header if column.strip())
    if twice := [column for column, count in counts.items() if count > 1]:
        yield Problem(name, 1, f"the header names {', '.join(twice)} more than once")
    wanted = dict.fromkeys((*seed.columns, *seed.column_types))
    if missing := [column for column in wanted if column.lower() not in counts]:
        where = seed.described_in or "its YAML"
        yield Problem(name, 1, f"lacks the column {', '.join(missing)}, which {where} describes")


def _lost_zeros(seed: Seed, header: Sequence[str], zeros: dict[int, tuple[int, str]]) -> Iterator[Problem]:
    """Columns that dbt would take for numbers although their values have leading zeros: asked of dbt's own reader."""
    from dbt_common.clients.agate_helper import from_csv

    loaded = from_csv(str(seed.file), text_columns=list(seed.column_types), delimiter=seed.delimiter)
    kinds = [type(column.data_type).__name__ for column in loaded.columns]
    for number, (line, value) in zeros.items():
        column = header[number]
        declared = seed.column_types.get(column)
        if declared is None and kinds[number] == "Text":
            continue  # some value is no number, so all of them stay texts
        remedy = f"set column_types: {{{column}: text}} in {seed.described_in or 'the YAML of the seed'}"
        yield Problem(seed.node.path, line, f"{column} = {value!r} would lose its leading zero: {remedy}")
