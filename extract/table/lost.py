"""Refuses a header of which a column may be lost: one not understood that may be that of a field not found otherwise.

Rule: rules.md, the table of headers (`column_ambiguous`, `column_doubtful`).
"""

from collections.abc import Collection, Sequence

from extract.errors.table import ColumnAmbiguous, ColumnDoubtful
from extract.table.columns import Column, Match
from extract.table.header import Header
from extract.table.names import HeaderNames
from extract.workbook.cells import Cell, Row, address, display, is_blank


def refuse_lost_columns(match: Match, names: HeaderNames, accepted: Collection[str], file: str, sheet: str) -> None:
    """Raise where a column that was not understood may be that of a field that was not found otherwise.

    ColumnAmbiguous for a group over several columns of which none, or several, are qualified; ColumnDoubtful for a
    header that resembles an accepted one, unless that is among the `accepted` guards.
    """
    found = {name for name, _ in match.found}
    wanted = {name for name in names.inputs if name not in found}
    for column in match.ignored:
        group = names.find(column.group) if column.group else None
        if group and group.target[0] in wanted:
            others = [other for other in match.ignored if other.group == column.group and other is not column]
            if others:
                one, other = (f"{address(c.row, c.index)} {c.full_text}" for c in (column, others[0]))
                raise ColumnAmbiguous(file=file, sheet=sheet, field=group.target[0], first=one, second=other)
        near = group.target if group else names.resembled(column.text)
        if near and near[0] in wanted and "column_doubtful" not in accepted:
            raise ColumnDoubtful(
                file=file,
                sheet=sheet,
                cell=address(column.row, column.index),
                header=column.full_text,
                field=near[0],
                accepted=" / ".join(names.inputs[near[0]][near[1]].headers),
            )


def refuse_split_columns(
    match: Match, columns: Sequence[Column], below: Row, names: HeaderNames, file: str, sheet: str
) -> None:
    """Raise ColumnAmbiguous where the row below a header splits the column of a field: 收益率 over 本年 | 本月.

    So it is where that row is text without keys, and the column right of the field has no header of its own.
    """
    keys = match.columns_of(names.keys)
    if any(not isinstance(cell, str) for cell in below) or not all(is_blank(_at(below, index)) for index in keys):
        return
    headed = {column.index for column in columns}
    for (name, _), (column, *_) in match.found.items():
        right = column.index + 1
        split = not is_blank(_at(below, column.index)) and not is_blank(_at(below, right))
        if name not in names.keys and right not in headed and split:
            one, other = (f"{address(column.row + 1, at)} {display(below[at])}" for at in (column.index, right))
            raise ColumnAmbiguous(file=file, sheet=sheet, field=name, first=one, second=other)


def has_moved(match: Match, before: Header) -> bool:
    """Whether a row holds names of several fields, and one of them in another column than the header before it."""
    return len(match.found) > 1 and any(
        column.index not in {cell.index for cell in before.sources.get(name, ()) if cell}
        for (name, _), found in match.found.items()
        for column in found
    )


def _at(cells: Row, index: int) -> Cell:
    return cells[index] if index < len(cells) else ""
