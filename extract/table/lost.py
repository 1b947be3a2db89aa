"""Refuses a header of which a column may be lost: one not understood that may be that of a field not found otherwise.

Rule: rules.md, the table of headers (`column_ambiguous`, `column_doubtful`).
"""

from collections.abc import Collection

from extract.errors.table import ColumnAmbiguous, ColumnDoubtful
from extract.table.columns import Match
from extract.table.names import HeaderNames
from extract.workbook.cells import address


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
