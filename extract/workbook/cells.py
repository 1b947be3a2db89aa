"""What a cell is: its kinds, how it is shown, how its text is compared, and how Excel names its place."""

from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from unicodedata import normalize

Cell: TypeAlias = float | int | str | bool | date | datetime | time | timedelta
"""One cell as it stands in the workbook; "" is an empty one."""


class ErrorCell(str):
    """An Excel error such as `#DIV/0!`: its text, told apart from a text that somebody typed."""


class UncalculatedCell(str):
    """A formula that was never calculated, so that its cell holds no value: the text of the formula."""


class PercentCell(float):
    """A number in a cell that is formatted as a percentage: it holds a fraction, whatever the header says."""


_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


def squeeze(text: str) -> str:
    """`text` after NFKC and without white space of any kind, zero-width characters included."""
    if not text.isascii():
        text = normalize("NFKC", text).translate(_INVISIBLE)
    return "".join(text.split())


def is_blank(cell: Cell | None) -> bool:
    """Whether a cell shows nothing: it is empty or holds white space only."""
    return cell is None or cell == "" or (isinstance(cell, str) and not squeeze(cell))


def display(cell: Cell | None) -> str:
    """A cell as text for people: 2024.0 as 2024, a date as 2024-11-30, a boolean as Excel shows it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


Row = list[Cell]


def address(row: int, column: int) -> str:
    """A cell as Excel names it: row 17 (counted from 1) and column 4 (counted from 0) is E17."""
    return f"{column_letter(column)}{row}"
