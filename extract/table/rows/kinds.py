"""What a row is before its values are read: data, one of the skips blank, header, summary and note, or a rollup.

Rule: rules.md, Rows.
"""

import re
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from unicodedata import normalize

from extract.domains.registry import Domain
from extract.fields.base import FileContext, Problem, told
from extract.table.header.fields import Header
from extract.table.statements.names import HeaderNames, normal_header
from extract.table.statements.spans import names_another_span
from extract.table.statements.titles import months_in
from extract.table.statements.total_words import is_total_word
from extract.table.statements.unit_words import statements_in
from extract.workbook.cells import Cell, ErrorCell, Row, UncalculatedCell, ends, is_blank, squeeze


class Skip(StrEnum):
    """Why a row is left out without being wrong."""

    BLANK = "blank"
    HEADER = "header"
    SUMMARY = "summary"
    NOTE = "note"
    DUPLICATE = "duplicate"


ROLLUP_LABELS = (
    "汇总", "共计", "累计", "总额", "总数", "加总",
    "grandtotal", "sum", "totals", "subtotals",
)  # fmt: skip
"""Labels of rollups beside those of the configuration; alone they do not tell for sure that a row is none of data."""
NO_CODES = frozenset((
    "累计", "总额", "总数", "总量", "总体", "整体", "全体", "全部", "全部计划", "所有计划", "全市场", "全行业",
    "行业", "市场", "合并", "均值", "中位数", "最大值", "最小值", "最高", "最低", "最大", "最小", "标准差", "方差",
    "环比", "同比", "增减", "增减额", "增幅", "增长", "增长率", "比上月", "比上月增减", "较上月", "较上月增减",
    "期初", "期末", "上月", "上年", "其他", "其它", "其余", "轧差", "差额", "差异", "调整", "尾差", "单一", "集合",
    "同期", "去年同期", "上年同期", "占比", "比例", "备注", "汇总行", "户数",
    "单一计划", "集合计划", "企业年金", "职业年金", "合计行", "总计行", "总规模", "\u03c3", "∑", "sum", "avg", "mean",
    "基准", "业绩基准", "比较基准", "业绩比较基准", "沪深300", "目标", "目标收益率", "示例", "样例", "例",
    "benchmark", "example",
    "max", "min", "median", "std", "totals", "ttl", "all", "overall", "others", "other",
))  # fmt: skip
"""What in a column of codes names a total, another figure or a kind of plan, and no plan and no company."""
_COUNTED = re.compile(r"共[0-9,]+[个户家只笔条项]?[^0-9]{0,4}")
_TOTAL_OF = re.compile("(?:合计|小计|总计|总和|汇总|共计|累计|平均)(?:数量|数值|额|行|列|项|户数|家数|个数|比例|占比)$")
"""A total and what it counts: 合计数量."""
_BEHIND = ("数", "金额", "规模", "净值", "收益率", ":", ".", "。", "*")
_NUMBERED = re.compile(r"[0-9,](?:[个户家只笔条项人](?:计划|产品|组合|账户|企业)?)?$")
"""What may stand behind a label: these words, a count such as 共2户, a bracket."""
_WRAPPED = re.compile(r"""[(\[【《<\u201c\u2018"'](.*)[)\]】》>\u201d\u2019"']""")
_DIGIT = re.compile(r"[0-9]")
_FLOATS = frozenset({float})
_PLAIN_FIGURE = re.compile(r"[-+]?[0-9][0-9,]*(?:\.[0-9]+)?%?")
_NOTE = re.compile(
    r"(?:备?注[0-9]*|说明|附注|制表|编制|填报|填表|审核|复核|审批|批准|负责人|经办|联系|数据来源|资料来源|来源|打印|盖章|签章|日期"
    r"|notes?|remarks?|sources?|(?:prepared|reviewed|approved)(?:by)?)(?:[::人单日.]|$)"
    r"|数据截[至止]|截[至止]|以[上下]|上述|本表|本报表|本月报"
)


class RowScreen:
    """Tells data rows from the others, for one table."""

    def __init__(self, domain: Domain, names: HeaderNames, header: Header, context: FileContext) -> None:
        self._labels = frozenset(normal_header(label) for label in domain.config.summary_labels)
        self._rollup = lru_cache(maxsize=4096)(_Rollup((*self._labels, *ROLLUP_LABELS)))
        self.total_words = frozenset((*self._labels, *ROLLUP_LABELS))
        """The words of summary labels, as they stand in a normal text."""
        self._context, self._names = context, names
        self._types = {
            cell.index: (field.type, part)
            for field in domain.cell_fields
            for part, cell in enumerate(header.sources.get(field.name, ()))
            if cell is not None
        }
        headers = {index: normal_header(header.names[index]) for index in self._types}
        columns = header.first_column
        self._label_column = columns[domain.model.label_field].index
        keys = [columns[name].index for name in domain.config.pk if name in columns]
        self.key_columns = (self._label_column, *keys)
        self._keys = itemgetter(*self.key_columns)
        codes = [index for index in keys if not self._types[index][0].is_period]
        self.code_columns = tuple(dict.fromkeys((self._label_column, *codes)))
        self.names_in = frozenset(index for index, (kind, _) in self._types.items() if kind.holds_names)
        latin = [
            word
            for word in {*self._labels, *ROLLUP_LABELS, *NO_CODES, *names.headers}
            if word.isascii() and word.isalnum()
        ]
        self._initials = frozenset(letter for word in latin for letter in (word[0].lower(), word[0].upper()))
        """What a label or header word of Latin letters begins with: another code is neither."""
        self._header_words = re.compile("|".join(map(re.escape, sorted(names.headers))))
        self._periods = frozenset(keys) - frozenset(codes) - {self._label_column}
        self._measures = [index for index in self._types if index not in keys]
        self.figure_columns = tuple(self._measures)
        self.period_columns = tuple(index for index, (kind, _) in self._types.items() if len(kind.inputs("")) > 1)
        self._figures = itemgetter(*(self._measures or [0]) * 2)  # twice, since of one alone it gives no tuple
        self._words = self._labels | set(headers.values()) | names.headers | {""}
        self.words = frozenset({*self._words, *ROLLUP_LABELS, *NO_CODES})
        """Every word that makes a code a label or a header, alone or within it."""

    def is_ordinary(self, cells: Row) -> bool:
        """A quick yes for rows that can only be data: all keys filled, figures, no label, no header word in sight."""
        first = cells[0]
        if type(first) is str and normal_header(first) in self._words:
            return False
        for index in self.code_columns:
            code = cells[index]
            if type(code) is str and not self.is_ordinary_code(code):
                return False
        if "" in self._keys(cells) or (type(first) is str and self._rollup(first)):
            return False
        if _FLOATS.issuperset(map(type, self._figures(cells))):
            return True
        figures = [cells[index] for index in self._measures if cells[index] != ""]
        return bool(figures) and all(type(cell) is not str or _PLAIN_FIGURE.fullmatch(cell) for cell in figures)

    def is_ordinary_text(self, text: str) -> bool:
        """Whether a text in the first column is no label, nor a word of a header."""
        return normal_header(text) not in self._words and not self._rollup(text)

    def is_ordinary_code(self, code: str) -> bool:
        """Whether a text in a column of codes can be no label and no header."""
        if code.isalnum() and code.isascii() and code[0] not in self._initials:
            return True
        name = normal_header(code)
        if name in self._words or self._rollup(code) or _is_no_code(name):
            return False
        return not self._header_words.search(name) or self._names.find(code) is None

    def skip(self, cells: Row) -> Skip | None:
        """Why the row is skipped; None for a data row, a rollup, or what may be a header."""
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
        if not filled:
            return Skip.BLANK
        if self.is_summary(cells):
            return Skip.SUMMARY
        return Skip.NOTE if self._is_note(filled) else None

    def is_summary(self, cells: Row) -> bool:
        """Whether the first cell that is not blank, or the label column, holds a summary label."""
        first = next((cell for cell in cells if not is_blank(cell)), "")
        return self.is_label(first) or self.is_label(cells[self._label_column])

    def may_be_data(self, cells: Row) -> bool:
        """Whether a row may be one of data, and no title or group over the header of a further table.

        One of nothing but text must have its codes, and a value if it fills measures at all.
        """
        if float in map(type, cells) or any(isinstance(cell, float) for cell in cells):  # the first half is quick
            return True
        if any(is_blank(cells[index]) for index in self.code_columns):
            return False
        measures = [(index, cells[index]) for index in self._measures if not is_blank(cells[index])]
        return not measures or any(self._is_value(*measure) for measure in measures)

    def looks_like_header(self, cells: Row) -> bool:
        """Whether a row that is no header of the domain looks like one: words only, also where measures stand."""
        filled = [(index, cell) for index, cell in enumerate(cells) if not is_blank(cell)]
        measures = [item for item in filled if item[0] in self._measures]
        words = all(isinstance(cell, str) and not _DIGIT.search(normal_header(cell)) for _, cell in filled)
        return words and len(measures) > 1 and not any(self._is_value(*measure) for measure in measures)

    def rollup(self, cells: Row) -> tuple[int, Problem] | None:
        """The column that makes a row a suspected rollup or note, with the problem; None where there is none."""
        filled = [index for index, cell in enumerate(cells) if not is_blank(cell)]
        first = filled[0] if filled else 0
        if len(filled) == 1 and first in self.names_in:
            reason = f"{told(cells[first])} stands alone in its row: it is a note, or lacks its figures (- for none)"
            return first, Problem("suspected_note", reason)
        for index in dict.fromkeys((first, *self.code_columns)):
            cell = cells[index]
            if index in self._periods and _DIGIT.match(str(cell)):
                continue  # a span, as 2024年11月累计: its own column tells
            if index in self.names_in:
                if isinstance(cell, str) and is_total_word(cell):
                    reason = f"{told(cell)} is no name but a total or a mean: name it in summary_labels"
                    return index, Problem("suspected_summary", reason)
                continue
            no_code = index in self.code_columns and isinstance(cell, str) and _is_no_code(normal_header(cell))
            if isinstance(cell, str) and (no_code or self.is_label(cell) or self._rollup(cell)):
                reason = f"{told(cell)} looks like a total over other rows: delete the row, or give the plan its code"
                return index, Problem("suspected_summary", reason)
        return None

    def is_label(self, cell: Cell) -> bool:
        """Whether a cell is a summary label and nothing else."""
        return isinstance(cell, str) and normal_header(cell) in self._labels

    def is_total(self, text: str) -> bool:
        """Whether a text is a summary label with more around it."""
        return self._rollup(text)

    def _is_note(self, filled: list[tuple[int, Cell]]) -> bool:
        """Whether a row holds text only that is no value: one cell, or several of which one is surely no value."""
        texts = [(index, cell) for index, cell in filled if isinstance(cell, str)]
        if len(texts) < len(filled) or any(isinstance(cell, ErrorCell | UncalculatedCell) for _, cell in texts):
            return False
        surely = [_NOTE.match(normal_header(cell)) or statements_in(normal_header(cell)) for _, cell in texts]
        if len(texts) == 1:
            text = str(texts[0][1])
            named = not squeeze(ends(text)).isdecimal() and months_in(text, self._context.period).months
            return bool(surely[0] or named or names_another_span(text)) or not self._is_value(*texts[0])
        return any(surely) and not any(
            self._is_value(*text) for text, sure in zip(texts, surely, strict=True) if not sure
        )

    @staticmethod
    def is_note_text(text: str) -> bool:
        """Whether a text says by its first word that it is a note."""
        return _NOTE.match(normal_header(text)) is not None

    def _is_value(self, index: int, cell: Cell) -> bool:
        if index not in self._types:
            return False
        cell_type, part = self._types[index]
        return cell_type.accepts(cell, part, self._context)


def _is_no_code(name: str) -> bool:
    return name in NO_CODES or _COUNTED.fullmatch(name) is not None or _TOTAL_OF.match(name) is not None


def _without_count(text: str) -> str:
    """A text without what may stand behind a label, taken off its end piece by piece."""
    while True:
        if text.endswith((")", "]", "】")):
            found = _OPENING.search(text)
            if not found:
                return text
            text = text[: found.start()]
        elif text.endswith(_BEHIND):
            text = text[: -max(len(word) for word in _BEHIND if text.endswith(word))]
        elif found := _NUMBERED.search(text, max(0, len(text) - 4)):
            text = text[: found.start()].rstrip("0123456789,").removesuffix("共")
        else:
            return text


_OPENING = re.compile(r"[(\[【]")


class _Rollup:
    """Whether a text is a summary label with more before it, or a count, a bracket or more words behind it."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._words = tuple(label for label in labels if not label.isascii())
        self._latin = tuple(label for label in labels if label.isascii())
        self._any = re.compile("|".join(map(re.escape, labels)))
        self._leading = re.compile(rf"(?:{self._any.pattern})[-_/:\s]")

    def __call__(self, text: str) -> bool:
        name = normal_header(text)
        if not self._any.search(name):
            return False
        wrapped = _WRAPPED.fullmatch(name)
        bare = _without_count(wrapped[1] if wrapped else name)
        if name in ROLLUP_LABELS or bare in self._words or bare in self._latin:
            return name not in self._words + self._latin or name in ROLLUP_LABELS
        if bare.endswith(self._words) or self._leading.match(normalize("NFKC", ends(text)).strip().lower()):
            return True
        spaced = _without_count(normalize("NFKC", ends(text)).strip().lower()).rstrip()
        return any(re.search(rf"[^a-z0-9]{re.escape(label)}$", spaced) for label in self._latin)
