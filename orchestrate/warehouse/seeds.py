"""Looks at the files of seeds before they load: what would fail half-way, or load as something else."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.errors.warehouse import SeedColumnsDiffer
from orchestrate.dbt.manifest import Manifest, Seed

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
        yield _not_utf8(name, content, error)
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
            rows += 1
            if not row and len(header) > 1:
                yield Problem(name, line, "is blank, and would load as a row of nulls")
            elif len(row or [""]) != len(header):
                yield Problem(name, line, f"{len(row)} fields, the header has {len(header)}")
            else:
                zeros |= _zeros_of(row, line, [number for number in untyped if number not in zeros])
    except csv.Error as error:
        yield Problem(name, reader.line_num, f"is no CSV: {error}")
        return
    if not rows and not seed.may_be_empty:
        yield Problem(name, None, "holds a header and no rows")
    elif zeros:
        yield from _lost_zeros(seed, header, zeros)


def _zeros_of(row: Sequence[str], line: int, columns: Sequence[int]) -> dict[int, tuple[int, str]]:
    return {number: (line, row[number]) for number in columns if row and _LEADING_ZERO.fullmatch(row[number])}


def undecodable_seeds(root: Path) -> list[Problem]:
    """Files of seeds that are no UTF-8, found without dbt, whose parser stops at them without naming one."""
    project = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    found = []
    for folder in project.get("seed-paths") or ["seeds"]:
        for path in sorted((root / folder).rglob("*.csv")):
            content, name = path.read_bytes(), path.relative_to(root).as_posix()
            try:
                content.decode("utf-8")
            except UnicodeDecodeError as error:
                found.append(_not_utf8(name, content, error))
    return found


def _not_utf8(name: str, content: bytes, error: UnicodeDecodeError) -> Problem:
    line = content.count(b"\n", 0, error.start) + 1
    return Problem(name, line, f"byte {content[error.start]:#04x} is not UTF-8: save the file as UTF-8")


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


def check_columns(cursor: Cursor, manifest: Manifest) -> None:
    """Raise SeedColumnsDiffer where the table of a seed exists with other columns than its file."""
    differences, statements = [], []
    for seed in manifest.seeds:
        relation = seed.node.relation
        if relation is None:
            continue
        cursor.execute(
            "SELECT attname::text FROM pg_attribute"
            " WHERE attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) AND attnum > 0 AND NOT attisdropped",
            (relation.schema, relation.name),
        )
        there = {name for (name,) in cursor.fetchall()}
        with seed.file.open(encoding="utf-8-sig", newline="") as lines:
            here = next(csv.reader(lines, delimiter=seed.delimiter))
        types = {name.lower(): str(kind) for name, kind in seed.column_types.items()}
        # dbt does not quote the columns of a seed, so the server folds their case
        new = [name.lower() for name in here if name.lower() not in {column.lower() for column in there}]
        gone = sorted(column for column in there if column.lower() not in {name.lower() for name in here})
        if not there or not new + gone:
            continue
        told = [f"lacks {', '.join(new)}"] * bool(new) + [f"still has {', '.join(gone)}"] * bool(gone)
        differences.append(f"{relation} {' and '.join(told)}, compared with {seed.node.path}")
        changes = [
            sql.SQL("ADD COLUMN {} {}").format(sql.Identifier(name), sql.SQL(types.get(name, "text"))) for name in new
        ]
        changes += [sql.SQL("DROP COLUMN {}").format(sql.Identifier(name)) for name in gone]
        table = sql.Identifier(relation.schema, relation.name)
        alter = sql.SQL("ALTER TABLE {} {};").format(table, sql.SQL(", ").join(changes))
        statements.append(alter.as_string(cursor))
    if differences:
        raise SeedColumnsDiffer(differences="; ".join(differences), statements=" ".join(statements))
