"""What a cell is: its kinds, how it is shown, how its text is compared, and how Excel names its place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias
from unicodedata import normalize

from extract.workbook.format_sections import Section
from extract.workbook.number_formats import NumberFormat

Cell: TypeAlias = float | int | str | bool | date | datetime | time | timedelta
"""One cell as it stands in the workbook; "" is an empty one."""


class ErrorCell(str):
    """An Excel error such as `#DIV/0!`: its text, told apart from a text that somebody typed.

    `what` is what a reason says of it.
    """

    what = "is an error of Excel"


class CoveredCell(ErrorCell):
    """A cell that a merged range covers, so that the sheet does not show it: what it holds, as a text."""

    what = "lies under a merged cell that shows something else"


class UncalculatedCell(str):
    """A formula that was never calculated, so that its cell holds no value: the text of the formula."""


class FormattedNumber(float):
    """A number whose number format says something about it: a percentage, a unit, a scale, zeros in front."""

    format: NumberFormat

    def __new__(cls, value: float, number_format: NumberFormat) -> "FormattedNumber":
        number = super().__new__(cls, value)
        number.format = number_format
        return number

    def __reduce__(self) -> tuple[type["FormattedNumber"], tuple[float, NumberFormat]]:
        return FormattedNumber, (float(self), self.format)

    @property
    def shown_as(self) -> Section:
        """How its format shows it."""
        return self.format.section(self)


_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")


def squeeze(text: str) -> str:
    """`text` after NFKC and without white space of any kind, zero-width characters included."""
    if not text.isascii():
        text = _INVISIBLE.sub("", normalize("NFKC", text))
    return "".join(text.split())


def printed(text: str) -> str:
    """`text` after NFKC, without characters that show nothing, and with one blank for white space of any kind."""
    if not text.isascii():
        text = _SHOWS_NOTHING.sub("", normalize("NFKC", text))
    return " ".join(text.split())


_SHOWS_NOTHING = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")


def ends(text: str) -> str:
    """A text as far as it may say something: of a very long one, without white space, the beginning and the end."""
    return text if len(text) <= 2 * _END else _ends(text)


@lru_cache(maxsize=256)
def _ends(text: str) -> str:
    """The same of a very long text: what NFKC makes of some texts takes a time that grows with their square."""
    text = text.strip()
    text = squeeze(text if len(text) <= 4 * _END else text[: 2 * _END] + text[-2 * _END :])
    return text if len(text) <= 2 * _END else text[:_END] + text[-_END:]


_END = 1000
_VARIANTS = str.maketrans(
    "萬億仟佰圓圆幣単單規淨計劃總產資當報間託編碼號額數項減環彙匯備註說製審複責負辦來簽蓋為稱業績臺準標歐與權間",
    "万亿千百元元币单单规净计划总产资当报间托编码号额数项减环汇汇备注说制审复责负办来签盖为称业绩台准标欧与权间",
)


_VARIANT = re.compile(f"[{''.join(map(chr, _VARIANTS))}]")  # a look is quicker than a translation


def simplified(text: str) -> str:
    """A squeezed text with the traditional and the bank spelling of the words of tables in their simple one.

    規模 is 规模, 仟元 is 千元, 圆 is 元. For headers, units and labels; a code keeps its characters.
    """
    return text.translate(_VARIANTS) if _VARIANT.search(text) else text


def is_blank(cell: Cell | None) -> bool:
    """Whether a cell shows nothing: it is empty or holds white space only."""
    return cell is None or cell == "" or (isinstance(cell, str) and not _VISIBLE.search(cell))


_VISIBLE = re.compile("[^\\s\u200b\u200c\u200d\u2060\ufeff]")


LONGEST_TEXT = 32_767
"""Characters that a cell of Excel holds at most; of a longer text the rest is cut off."""


def display(cell: Cell | None) -> str:
    """A cell as text for people: 2024.0 as 2024, a date as 2024-11-30, a boolean as Excel shows it.

    At most LONGEST_TEXT characters of a text.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)[:LONGEST_TEXT]


def column_letter(index: int) -> str:
    """The letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The column of letters in capitals, counted from 0: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


Row = list[Cell]


def address(row: int, column: int) -> str:
    """A cell as Excel names it: row 17 (counted from 1) and column 4 (counted from 0) is E17."""
    return f"{column_letter(column)}{row}"


Patches = dict[int, dict[int, Cell]]
"""Excel row number (from 1) to column index (from 0) to the cell that stands there."""

Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range: (row from 1, column from 0) each."""


@dataclass(frozen=True)
class Merges:
    """The merged ranges of a sheet by where they begin, so that a row finds its own.

    `wide` maps a row to those within it, each as first and last column; `tall` maps a column to the first rows of those
    over several rows, each with its last row.
    """

    wide: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    tall: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


def sorted_merges(merges: Iterable[Merge]) -> Merges:
    """Merged ranges by where they begin."""
    wide: dict[int, list[tuple[int, int]]] = {}
    tall: dict[int, dict[int, int]] = {}
    for (first_row, first), (last_row, last) in merges:
        if first_row == last_row:
            wide.setdefault(first_row, []).append((first, last))
        else:
            tall.setdefault(first, {})[first_row] = last_row
    return Merges(wide, tall)


@dataclass(frozen=True)
class SheetMarks:
    """What the reader of values does not tell of the cells of a sheet.

    `patches` holds cells that it shows as empty or as a number although they are errors or formulas that nobody
    calculated. `formats` maps column (from 0) to row (from 1) to the number format of a cell, as far as it says more
    than the digits it shows; `formats_known` tells whether they could be read. `merges` is None where the reader knows
    them. `struck` maps the rows with cells whose font is struck out to those columns, `hidden` are the rows that the
    sheet does not show, `unseen` maps the rows with cells whose text has the colour of its background to those
    columns, `hidden_columns` are the first and the last column (from 0) of such spans, `beside` texts of the
    sheet in no cell, such as comments, by their places, `conditional` the cells that a condition may show in another
    number format, with its code. `texts` are texts that are shown in another way than they are read, such as with
    raised signs.
    """

    patches: Patches = field(default_factory=dict)
    formats: dict[int, dict[int, NumberFormat]] = field(default_factory=dict)
    formats_known: bool = False
    merges: tuple[Merge, ...] | None = None
    struck: Mapping[int, Sequence[int]] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    beside: Mapping[str, str] = field(default_factory=dict)
    conditional: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    hidden_columns: tuple[tuple[int, int], ...] = ()
    unseen: Mapping[int, Sequence[int]] = field(default_factory=dict)
