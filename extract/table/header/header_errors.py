"""What is said where rows hold no header that can be read, or one that leaves a column in doubt."""

from collections.abc import Collection, Sequence

from extract.errors.table import ColumnAmbiguous, ColumnDoubtful, ColumnMissing, HeaderNotFound
from extract.fields.base import Input
from extract.table.header.columns import Column, Match, brief
from extract.table.statements.names import HeaderNames, Target
from extract.workbook.cells import Row, address, column_letter, display, is_blank

_MOST_COMPARED = 500
"""Texts of a sheet without a header that are compared with accepted headers."""


class HeaderErrors:
    """The errors about headers of one sheet. `accepted` are the guards that --accept names.

    `read_as` tells how a text was cut into columns.
    """

    def __init__(
        self, names: HeaderNames, file: str, sheet: str, accepted: Collection[str], read_as: str | None
    ) -> None:
        self._names, self._file, self._sheet = names, file, sheet
        self._accepted, self._read_as = accepted, read_as

    def refuse_lost_columns(self, match: Match) -> None:
        """Raise where a column that was not understood may be that of a field that was not found otherwise.

        ColumnAmbiguous for a group over several columns of which none, or several, are qualified; ColumnDoubtful for a
        header that resembles an accepted one.
        """
        found = {name for name, _ in match.found}
        wanted = {name for name in self._names.inputs if name not in found}
        for column in match.ignored:
            group = self._names.find(column.group) if column.group else None
            if group and group.target[0] in wanted:
                others = [other for other in match.ignored if other.group == column.group and other is not column]
                if others:
                    one, other = (f"{address(c.row, c.index)} {c.full_text}" for c in (column, others[0]))
                    name = group.target[0]
                    raise ColumnAmbiguous(file=self._file, sheet=self._sheet, field=name, first=one, second=other)
            near = (
                group.target if group else self._names.resembled(column.text) or self._resembled_by_group(column, match)
            )
            if near and near[0] in wanted and "column_doubtful" not in self._accepted:
                raise ColumnDoubtful(
                    file=self._file,
                    sheet=self._sheet,
                    cell=address(column.row, column.index),
                    header=column.full_text,
                    field=near[0],
                    accepted=" / ".join(self._names.inputs[near[0]][near[1]].headers),
                )

    def _resembled_by_group(self, column: Column, match: Match) -> Target | None:
        """The input that the group over several columns resembles; one over key columns is a title."""
        is_group = len(column.group_columns) > 1 and match.columns_of(self._names.keys).isdisjoint(column.group_columns)
        return self._names.resembled(column.group) if is_group else None

    def refuse_split_columns(self, match: Match, columns: Sequence[Column], below: Row) -> None:
        """Raise ColumnAmbiguous where the row below a header splits the column of a field: 收益率 over 本年 | 本月.

        So it is where that row is text without keys, and the column right of the field has no header of its own.
        """
        keys = match.columns_of(self._names.keys)
        filled = {index for index, cell in enumerate(below) if not is_blank(cell)}
        if filled & keys or not all(isinstance(below[index], str) for index in filled):
            return
        headed = {column.index for column in columns}
        for (name, _), (column, *_) in match.found.items():
            right = column.index + 1
            if name not in self._names.keys and right not in headed and {column.index, right} <= filled:
                one, other = (f"{address(column.row + 1, at)} {display(below[at])}" for at in (column.index, right))
                raise ColumnAmbiguous(file=self._file, sheet=self._sheet, field=name, first=one, second=other)

    def not_found(self, rows: Sequence[tuple[int, Row]], missing: Sequence[Input]) -> HeaderNotFound:
        """The error where no cell of some rows is an accepted header."""
        texts = [display(cell) for _, cells in rows for cell in cells if not is_blank(cell)]
        seen = f"they begin with {', '.join(map(brief, texts[:5]))}" if texts else "the sheet is empty"
        if self._read_as and all(len(cells) < 2 for _, cells in rows):
            seen = f"{self._read_as}; {seen}"  # no wonder that no row is a header
        near = {text: target for text in texts[:_MOST_COMPARED] if (target := self._names.resembled(text))}
        meant = [(text, self._names.inputs[name][part]) for text, (name, part) in near.items()]
        resembling = ", ".join(f"{brief(text)} for {source.headers[0]}" for text, source in meant[:3])
        nearest = f"; nearest are {resembling}" if resembling else ""
        return HeaderNotFound(file=self._file, sheet=self._sheet, seen=seen, missing=_listed(missing), nearest=nearest)

    def incomplete(self, columns: Sequence[Column], missing: Sequence[Input]) -> ColumnMissing:
        """The error where a row is a header but lacks key columns."""
        return ColumnMissing(
            file=self._file,
            sheet=self._sheet,
            header_row=max(column.row for column in columns),
            missing=_listed(missing),
            found=", ".join(f"{column_letter(column.index)} {brief(column.text)}" for column in columns),
        )


def _listed(inputs: Sequence[Input]) -> str:
    return "; ".join(f"{source.name} ({' / '.join(source.headers)})" for source in inputs)
