"""Comments and text boxes that state the unit of a table: those above its rows; one on a header is of its column."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence

from extract.table.header.columns import Column
from extract.table.statements.units import Text
from extract.wording import Sentence
from extract.workbook.cells import column_index
from extract.workbook.drawings import CHART, COMMENT, TEXT_BOX

_PLACED = re.compile(r"(?P<kind>comment on|text box at|chart at) \$?(?P<column>[A-Z]{1,3})\$?(?P<row>[0-9]{1,7})")


def row_of_comment(text: Text) -> int | None:
    """The row of the cell that a text is a comment on or a box over; None where it is neither."""
    match = _PLACED.fullmatch(text.place)
    return int(match["row"]) if match else None


def boxes_above(texts: Mapping[str, str], header_row: int) -> list[Text]:
    """The text boxes among texts beside the cells that do not begin below a header: they are titles."""
    boxes = [Text(place, text) for place, text in texts.items() if place.startswith(TEXT_BOX)]
    return [box for box in boxes if (row_of_comment(box) or 0) <= header_row]


def said_place(place: str) -> str:
    """A place of a text as a warning names it: a cell as it is, the others in the language of the reader."""
    if match := _PLACED.fullmatch(place):
        cell = f"{match['column']}{match['row']}"
        if match["kind"].startswith(TEXT_BOX):
            return Sentence("text box at {cell}", cell=cell)
        if match["kind"].startswith(CHART):
            return Sentence("chart at {cell}", cell=cell)
        return Sentence("comment on {cell}", cell=cell)
    known = {
        "name of the sheet": Sentence("name of the sheet"),
        "name of the file": Sentence("name of the file"),
        "page header or footer": Sentence("page header or footer"),
        "text box": Sentence("text box"),
    }
    return known.get(place, place)


def of_this_header(
    texts: Iterable[Text], header_row: int, columns: Sequence[Column], measures: Container[int]
) -> list[Text]:
    """The texts around a table without what is beside cells below its header; 单位：万元 on 规模 is 规模单位：万元."""
    headers = {(column.row, column.index): column.text for column in columns if column.index in measures}
    found = []
    for text in texts:
        match = _PLACED.fullmatch(text.place)
        if match is None:
            found.append(text)
        elif int(match["row"]) <= header_row:
            place = int(match["row"]), column_index(match["column"])
            header = headers.get(place, "") if text.place.startswith(COMMENT) else ""
            found.append(Text(text.place, f"{header}{text.text}"))
    return found
