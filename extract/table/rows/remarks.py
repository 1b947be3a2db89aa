"""What rows say of themselves in columns that are not read: a total by its name, a span, a unit, a mark such as 示例.

Rule: rules.md, Where people state things elsewhere.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from string import digits
from unicodedata import is_normalized, normalize

from extract.fields.base import Problem, told
from extract.table.rows.kinds import RowScreen
from extract.table.statements.names import normal_header
from extract.table.statements.spans import MONTH_ALONE, SPAN, STATING_A_MONTH, STATING_A_SPAN
from extract.table.statements.unit_words import CURRENCIES
from extract.table.statements.units import Text
from extract.workbook.cells import Cell, address, simplified

_NAMES = re.compile("名称|简称|全称|计划|产品|组合|客户|项目|类[别型]|name")
"""Headers of columns that name what a row is about."""
_OF_FIGURES = re.compile(
    "^(?!.*(?:考核|期限|存续|频率))(?:.*(?:口径|区间|期间|时段|期别|类[型别]|备注|说明|性质|period|type|remark))"
)
"""Headers of columns that may say of which span the figures are; 考核区间 is a property of the plan."""
_SET_ASIDE = frozenset((
    "示例", "样例", "例", "例子", "范例", "示范", "作废", "已作废", "无效", "删除", "请删除", "预估", "估算", "暂估",
    "模拟", "测试", "example", "sample", "void", "test", "estimate", "estimated",
))  # fmt: skip
_MARKED = re.compile("示例|样例|范例|^(?:已?作废|请?删除)[,。;!(]|请删除|仅供测试|数据有误")
_STATING = re.compile(f"[千万亿]元|单位|币种|[为是:](?:百分|[%‰千万亿])|{'|'.join(CURRENCIES)}|usd|hkd")
_WHOLE_SPAN = re.compile(f"(?:{SPAN.pattern})+(?:收益率?|业绩|数据?|值|口径|末)*")
_HINTS = frozenset((
    "累计", "年化", "年累", "年初", "本年", "上年", "去年", "上月", "上期", "上季", "上一", "昨日", "同期", "期初",
    "前值", "以来", "至今", "近", "过去", "年期", "个月", "今年", "当年", "全年", "历史", "半年", "本季", "当季",
    "季度", "月", "年报", "季报", "基准", "目标", "预期", "预计", "预测", "预估", "模拟", "测算", "费前", "复权",
    "万元", "亿元", "千元", *CURRENCIES, "百分", "%", "‰",
    "单位:", "单位为", "单位是", "币种:", "币种为", "币种是", "为万", "为亿", "为千", "是万", "是亿", "是千",
    ":万", ":亿", ":千", "有误",
    "ytd", "qtd", "usd", "hkd", "inception", "prior", "previous", "lastmonth", "lastyear", "yeartodate",
    "annuali", "benchmark", *(f"{digit}{span}" for digit in digits for span in "my"),
))  # fmt: skip
"""Of these, of the marks and of the words of totals a text holds one if it tells something."""
_OF_TIME = (STATING_A_SPAN, STATING_A_MONTH)
_MOST = 200
"""Remarks of a sheet that are kept."""


class RowRemarks:
    """The remarks in the columns of one table that have a header and feed no field.

    `said` are texts that may state units or spans, `times` those of them that state a span or a month, `marked` texts
    that set their rows aside, each by its first cell.
    """

    def __init__(self, names: Mapping[int, str], screen: RowScreen) -> None:
        self._names, self._screen = names, screen
        self.said: dict[str, Text] = {}
        self.times: dict[str, Text] = {}
        self.marked: dict[str, Text] = {}
        totals = re.compile("|".join(map(re.escape, sorted(screen.total_words))))
        self._telling = re.compile(
            "|".join(way.pattern for way in (totals, SPAN, _MARKED, MONTH_ALONE, _STATING, *_OF_TIME))
        )
        self._hints = {hint: frozenset(hint) for hint in {*_HINTS, *_SET_ASIDE, *screen.total_words}}

    def problems(
        self, columns: Sequence[tuple[Cell, ...]], numbers: Sequence[int]
    ) -> Iterator[tuple[int, int, Problem]]:
        """Position of a row in a chunk and column of what says that it is a total, or of another span than a month.

        What else is said of figures is remembered. `numbers` are those of the rows.
        """
        for index, position, cell in self._found(columns):
            text, name = Text(address(numbers[position], index), cell), normal_header(cell)
            of_names, of_figures = (kind.search(self._names[index]) for kind in (_NAMES, _OF_FIGURES))
            total = of_names and not cell.isascii() and self._screen.is_total(cell)  # Total Return may be a name
            if total or self._screen.is_label(cell):
                reason = f"{told(cell)} names a total over other rows, not a plan: delete the row, or correct its name"
                yield position, index, Problem("suspected_summary", reason)
            elif of_figures and _WHOLE_SPAN.fullmatch(name):
                reason = f"{told(cell)} says that the row is of another span than the month: delete it"
                yield position, index, Problem("invalid_period", reason)
            elif name in _SET_ASIDE or _MARKED.search(name):
                _remember(self.marked, text)
            elif not of_names:
                alone = of_figures and MONTH_ALONE.fullmatch(name)  # 成立时间 holds months too
                times = alone or any(way.search(name) for way in _OF_TIME)
                if times:
                    _remember(self.times, text)
                if times or _STATING.search(name):
                    _remember(self.said, text)

    def _found(self, columns: Sequence[tuple[Cell, ...]]) -> Iterator[tuple[int, int, str]]:
        """Column, position and text of the cells that hold a word of any of these."""
        for index in self._names:
            cells = columns[index] if index < len(columns) else ()
            texts = {cell for cell in cells if type(cell) is str}
            if not (hints := self._hints_in("\n".join(texts))):
                continue
            hinting = re.compile("|".join(map(re.escape, hints)))
            telling = {text for text in texts if hinting.search(_plain(text)) and self._tells(normal_header(text))}
            yield from ((index, position, str(cell)) for position, cell in enumerate(cells) if cell in telling)

    def _hints_in(self, text: str) -> list[str]:
        """The hints that some texts hold: a quick look, since most texts say nothing."""
        plain = _plain(text)
        signs = set(plain)
        return [hint for hint, needed in self._hints.items() if needed <= signs and hint in plain]

    def _tells(self, name: str) -> bool:
        return name in _SET_ASIDE or self._telling.search(name) is not None


def _remember(texts: dict[str, Text], text: Text) -> None:
    if len(texts) < _MOST:
        texts.setdefault(text.text, text)


def _plain(text: str) -> str:
    """A text as far as hints need it normal."""
    return simplified((text if is_normalized("NFKC", text) else normalize("NFKC", text)).lower().replace(" ", ""))
