"""A proposal: the fields, the key and the files of a domain, as one workbook suggests them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from pathlib import Path

from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.workbook import WorkbookUnreadable
from extract.fields.base import CellType, FileContext
from extract.fields.codes import Code
from extract.fields.dates import Date, Month
from extract.fields.numbers import Number
from extract.fields.periods import Period
from extract.fields.places import HeaderRow
from extract.fields.texts import Text
from extract.foreign import cut, shown
from extract.proposals.file_names import NamePattern, name_pattern
from extract.proposals.kinds import SeenKind, as_integer, header_of, kind_of, period_pair
from extract.proposals.naming import FieldNames
from extract.proposals.seen import SeenColumn, SeenTable, seen_table
from extract.table.reading import ReadOptions
from extract.table.sheet.choice import sheet_name
from extract.workbook.cells import display, is_blank, printed
from extract.workbook.formats import password_for
from extract.workbook.opening import open_workbook
from extract.workbook.sheet import Workbook
from extract.workbook.size import check_size

PERIOD = "report_date"
_MOST_KEYS = 4
SUMMARY_LABELS = ("合计", "小计", "总计", "平均", "total", "subtotal", "average")


@dataclass(frozen=True)
class ProposedField:
    """A field with its type, and the columns that it was seen in (none for a period that the file name gives)."""

    name: str
    type: CellType
    columns: tuple[SeenColumn, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """All that a domain needs, and what could not be seen."""

    name: str
    file: str
    sheet: str
    is_first_sheet: bool
    has_only_table: bool
    header_row: int
    rows: int
    fields: tuple[ProposedField, ...]
    key: tuple[str, ...]
    files: NamePattern
    month_words: dict[str, int]
    summary_labels: tuple[str, ...]
    header: tuple[HeaderRow, ...] = ()
    """The rows of its header where there are several, so that the model needs a layout."""
    notes: tuple[str, ...] = field(default=())


def propose(name: str, path: Path, options: ReadOptions, known: Sequence[Domain], today: date) -> Proposal:
    """What a domain `name` may be by a workbook, whose sheet `options` may name. Raises DataError."""
    try:
        check_size(path.stat().st_size, path.name, options.limits)
        data = path.read_bytes()
    except OSError as error:
        raise WorkbookUnreadable(file=path.name, problem=error.strerror or str(error)) from None
    password = password_for(path.name, options.passwords, options.password)
    workbook = open_workbook(data, path.name, password, options.limits)
    table, others = _table(workbook, options.sheet)
    files, notes = name_pattern(path.name), [*table.notes, *others]
    fields, words = _fields(table, FieldNames(known), files, notes, today)
    fields, key = _with_key(table, fields, notes)
    if len(table.rows) == 1:
        notes.append("there is one row of data: types and key rest on it alone")
    visible = [sheet.name for sheet in workbook.sheets if sheet.visible]
    return Proposal(
        name=name,
        file=path.name,
        sheet=table.sheet,
        is_first_sheet=visible[:1] == [table.sheet],
        has_only_table=options.sheet is None and not others,
        header_row=table.header_row,
        rows=len(table.rows),
        fields=tuple(fields),
        key=key,
        files=files,
        month_words=files.month_words | words,
        summary_labels=tuple(dict.fromkeys([*SUMMARY_LABELS, *table.totals])),
        header=(HeaderRow.NAMES, *table.header) if table.header else (),
        notes=tuple(notes),
    )


def _table(workbook: Workbook, wanted: str | None) -> tuple[SeenTable, list[str]]:
    """The table of the sheet that is wanted, or of the visible one with most cells in its columns, with notes."""
    names = [sheet.name for sheet in workbook.sheets if sheet.visible]
    if wanted is not None or len(names) == 1:
        return seen_table(
            workbook.read(names[0] if wanted is None else sheet_name(workbook, wanted)), workbook.file
        ), []
    tables: list[SeenTable] = []
    failures: list[DataError] = []
    for name in names:
        try:
            tables.append(seen_table(workbook.read(name), workbook.file))
        except DataError as error:
            failures.append(error)
    if not tables:
        raise failures[0] if failures else WorkbookUnreadable(file=workbook.file, problem="no sheet is visible")
    best = max(tables, key=lambda table: sum(len(column.cells) for column in table.columns))
    notes = [f"sheet {table.sheet} holds a table too, which is not read" for table in tables if table is not best]
    return best, notes


def _fields(
    table: SeenTable, names: FieldNames, files: NamePattern, notes: list[str], today: date
) -> tuple[list[ProposedField], dict[str, int]]:
    """The fields of the columns in their order, the period first, and the words of months that they need."""
    words: dict[str, int] = {}
    period: ProposedField | None = None
    fields: list[ProposedField] = []
    pair = period_pair(table.columns, today)
    if pair:
        headers = tuple((printed(column.name),) for column in pair)
        period = ProposedField(PERIOD, Period(headers[0], headers[1], (PERIOD,)), pair)
    for column in table.columns:
        if pair and column in pair:
            continue
        place = f"column {column.letter} ({shown(cut(printed(column.name), 60))})"
        if not column.cells:
            notes.append(f"{place} holds nothing below its name: no type can be seen, it is left out")
            continue
        seen = _as_known(column, names, today) or kind_of(column, today)
        notes += seen.notes
        if (
            table.header and not column.unit and isinstance(seen.type, Number)
        ):  # a layout reads no unit that is not there
            seen = replace(seen, type=replace(seen.type, unit_powers={}))
        words |= seen.month_words
        if seen.type.is_period and period is None:
            period = ProposedField(PERIOD, seen.type, (column,))
        elif seen.type.is_period:
            notes.append(f"{place} names a month too: one period is enough, it is left out")
        else:
            fields.append(ProposedField(names.name(column.name, column.letter), seen.type, (column,)))
    if period is None and files.has_period:
        period = ProposedField(PERIOD, Month((PERIOD,)))
        notes.append("no column names the period: that of the file name is taken")
    if period is None:
        notes.append("neither a column nor the name of the file names a period: the key has none, and files of"
                     " different periods overwrite each other's rows")  # fmt: skip
    return ([period] if period else []) + fields, words


def label_field(proposal: Proposal) -> str:
    """The field whose cell may hold the label of a total: the first name or code of the key."""
    named = [item.name for item in proposal.fields if item.name in proposal.key and isinstance(item.type, Code | Text)]
    return named[0] if named else next(name for name in (*proposal.key[::-1], proposal.fields[0].name))


def _as_known(column: SeenColumn, names: FieldNames, today: date) -> SeenKind | None:
    """The type that a configured domain reads such a column by, where it accepts every cell and names no period."""
    known = names.known(column.name)
    if not known or not isinstance(known.type, Code | Text | Number | Date):
        return None
    context = FileContext(today, words=known.words)
    if not all(known.type.accepts(cell, 0, context) for _, cell in column.cells):
        return None
    kind = replace(known.type, headers=(header_of(column),))
    place = f"column {column.letter} ({shown(cut(printed(column.name), 60))})"
    return SeenKind(kind, {}, (f"{place} is read as {known.name} of {known.domain} is",))


def _with_key(
    table: SeenTable, fields: list[ProposedField], notes: list[str]
) -> tuple[list[ProposedField], tuple[str, ...]]:
    """The fields, those of the key never null, and the key: the period, codes, then as many others as rows need."""
    values = {item.name: _values(item.columns) for item in fields}
    full = [item for item in fields if item.name != PERIOD and set(values[item.name]) >= set(table.rows)]
    codes = [item for item in full if isinstance(item.type, Code)]
    others = [item for item in full if isinstance(item.type, Text)]
    whole = [replace(item, type=kind) for item in full
             if isinstance(item.type, Number) and (kind := as_integer(item.columns[0]))]  # fmt: skip
    start = [PERIOD] if any(item.name == PERIOD for item in fields) else []
    best: tuple[str, ...] | None = None
    for more in _choices([*others, *whole], bool(codes)):
        names = (*start, *(item.name for item in (*codes, *more)))
        if names != tuple(start) and _repeated(names, values, table.rows) is None:
            best = names
            break
    if best is None:
        best = (*start, *(item.name for item in (codes or others)[:_MOST_KEYS]))
        twins = _repeated(best, values, table.rows)
        told = f": rows {twins[0]} and {twins[1]} share it" if twins else ""
        notes.append(f"no key makes every row one of its own{told}; name what tells them apart in `pk`")
    chosen = {item.name: item for item in whole if item.name in best}
    if not [name for name in best if name != PERIOD]:
        first = next((item for item in fields if item.name != PERIOD), None)
        notes.append("no column tells rows apart")
        best = (*best, first.name) if first and not best else best
    return [chosen.get(item.name, item) for item in fields], best


def _choices(items: Sequence[ProposedField], may_be_none: bool) -> Iterable[tuple[ProposedField, ...]]:
    """The sets of fields that may complete a key, small ones and those further left first."""
    for size in range(0 if may_be_none else 1, _MOST_KEYS):
        yield from combinations(items[:12], size)


def _values(columns: tuple[SeenColumn, ...]) -> dict[int, str]:
    """Row to what stands in some columns, where each of them is filled."""
    found = [{row: printed(display(cell)).casefold() for row, cell in column.cells if not is_blank(cell)}
             for column in columns]  # fmt: skip
    rows = set.intersection(*map(set, found)) if found else set()
    return {row: "\t".join(values[row] for values in found) for row in rows}


def _repeated(names: Iterable[str], values: dict[str, dict[int, str]], rows: list[int]) -> tuple[int, int] | None:
    """Two rows of one key; None where there are none."""
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(values[name].get(row, "") for name in names)
        if key in first:
            return first[key], row
        first[key] = row
    return None
