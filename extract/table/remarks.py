"""What rows say of themselves in columns that are not read: a total by its name, a span, a unit, a mark such as 示例.

Rule: rules.md, Where people state things elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from unicodedata import normalize

from extract.fields.base import Problem, told
from extract.table.names import normal_header
from extract.table.rows import RowScreen
from extract.table.spans import SPAN, STATING_A_MONTH, STATING_A_SPAN
from extract.table.units import Text
from extract.workbook.cells import Cell, address, simplified

_NAMES = re.compile("名称|简称|全称|计划|产品|组合|客户|项目|类[别型]|name")
"""Headers of columns that name what a row is about."""
_SET_ASIDE = frozenset((
    "示例", "样例", "例", "例子", "范例", "示范", "作废", "已作废", "无效", "删除", "请删除", "预估", "估算", "暂估",
    "模拟", "测试", "example", "sample", "void", "test", "estimate", "estimated",
))  # fmt: skip
_MARKED = re.compile("示例|样例|范例|^(?:已?作废|请?删除)[,。;!(]|请删除|仅供测试|数据有误")
_STATING = re.compile(
    "[千万亿]元|单位|币种|[为是:](?:百分|[%‰千万亿])|美元|美金|[港欧日]元|港币|usd|hkd|^[千万亿]$", re.IGNORECASE
)
_WHOLE_SPAN = re.compile(f"(?:{SPAN.pattern})+(?:收益率?|业绩|数据?|值|口径|末)*")
_WAYS = (_STATING, STATING_A_SPAN, STATING_A_MONTH)
_MOST = 200
"""Remarks of a sheet that are kept."""


class RowRemarks:
    """The remarks in the columns of one table that have a header and feed no field.

    `said` are texts that may state units or spans, `marked` texts that set their rows aside, each by its first cell.
    """

    def __init__(self, names: Mapping[int, str], screen: RowScreen) -> None:
        self._names, self._screen = names, screen
        self.said: dict[str, Text] = {}
        self.marked: dict[str, Text] = {}
        words = (screen.total_words, SPAN, _MARKED, *_WAYS)
        self._telling = re.compile("|".join((*(way.pattern for way in words), *sorted(_SET_ASIDE))), re.I | re.M)

    def problems(self, columns: Sequence[tuple[Cell, ...]]) -> Iterator[tuple[int, int, Problem]]:
        """Position of a row in a chunk and column of what says that it is a total, or of another span than a month."""
        for index, position, cell in self._found(columns):
            if self._screen.is_label(cell) or (_NAMES.search(self._names[index]) and self._screen.is_total(cell)):
                reason = f"{told(cell)} names a total over other rows, not a plan: delete the row, or correct its name"
                yield position, index, Problem("suspected_summary", reason)
            elif _WHOLE_SPAN.fullmatch(normal_header(cell)):
                reason = f"{told(cell)} says that the row is of another span than the month: delete it"
                yield position, index, Problem("invalid_period", reason)

    def look(self, columns: Sequence[tuple[Cell, ...]], numbers: Sequence[int]) -> None:
        """Remember what other texts say that may concern the figures of their rows."""
        for index, position, cell in self._found(columns):
            text = Text(address(numbers[position], index), cell)
            name = normal_header(cell)
            if (name in _SET_ASIDE or _MARKED.search(name)) and len(self.marked) < _MOST:
                self.marked.setdefault(cell, text)
            elif any(way.search(name) for way in _WAYS) and len(self.said) < _MOST:
                self.said.setdefault(cell, text)

    def _found(self, columns: Sequence[tuple[Cell, ...]]) -> Iterator[tuple[int, int, str]]:
        """Column, position and text of the cells that hold a word of any of these."""
        for index in self._names:
            cells = columns[index] if index < len(columns) else ()
            texts = {cell for cell in cells if type(cell) is str}
            if not self._telling.search(_lines(texts)):
                continue
            telling = {text for text in texts if self._telling.search(_lines((text,)))}
            yield from ((index, position, str(cell)) for position, cell in enumerate(cells) if cell in telling)


def _lines(texts: Iterable[str]) -> str:
    """Texts as lines, as far as a first look needs them normal."""
    lines = "\n".join(texts)
    return lines if lines.isascii() else simplified(normalize("NFKC", lines).replace(" ", ""))
