"""Comments that state the unit of a table: those above its rows; one on a header speaks for its column alone."""

import re
from collections.abc import Container, Iterable, Sequence

from extract.table.columns import Column
from extract.table.units import Text
from extract.wording import Sentence
from extract.workbook.cells import column_index

_COMMENT = re.compile(r"comment on \$?([A-Z]{1,3})\$?([0-9]{1,7})")


def row_of_comment(text: Text) -> int | None:
    """The row of the cell that a text is a comment on; None where it is none."""
    match = _COMMENT.fullmatch(text.place)
    return int(match[2]) if match else None


def said_place(place: str) -> str:
    """A place of a text as a warning names it: a cell as it is, the others in the language of the reader."""
    if match := _COMMENT.fullmatch(place):
        return Sentence("comment on {cell}", cell=f"{match[1]}{match[2]}")
    known = {
        "name of the sheet": Sentence("name of the sheet"),
        "name of the file": Sentence("name of the file"),
        "page header or footer": Sentence("page header or footer"),
        "text box": Sentence("text box"),
    }
    return known.get(place, place)


def counted(places: Sequence[str], shown: int) -> str:
    """Some cells, the first of them by name: A1, A2 and 3 more."""
    told = ", ".join(places[:shown])
    more = len(places) - shown
    return Sentence("{names} and {more} more", names=told, more=more) if more > 0 else told


def of_this_header(
    texts: Iterable[Text], header_row: int, columns: Sequence[Column], measures: Container[int]
) -> list[Text]:
    """The texts around a table without the comments below its header; 单位：万元 on 规模 becomes 规模单位：万元."""
    headers = {(column.row, column.index): column.text for column in columns if column.index in measures}
    found = []
    for text in texts:
        match = _COMMENT.fullmatch(text.place)
        if match is None:
            found.append(text)
        elif int(match[2]) <= header_row:
            header = headers.get((int(match[2]), column_index(match[1])), "")
            found.append(Text(text.place, f"{header}{text.text}"))
    return found
