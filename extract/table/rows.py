"""What a row is before its values are read: data, one of the skips blank, header, summary and note, or a rollup.

Rule: rules.md, Rows.
"""

import re
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from unicodedata import normalize

from extract.domains.registry import Domain
from extract.fields.base import FileContext, Problem
from extract.table.header import Header
from extract.table.names import HeaderNames, normal_header
from extract.table.unit_words import is_statement
from extract.workbook.cells import Cell, ErrorCell, Row, UncalculatedCell, is_blank, squeeze


class Skip(StrEnum):
    """Why a row is left out without being wrong."""

    BLANK = "blank"
    HEADER = "header"
    SUMMARY = "summary"
    NOTE = "note"
    DUPLICATE = "duplicate"


ROLLUP_LABELS = ("汇总", "共计", "grandtotal")
"""Labels of rollups beside those of the configuration; alone they do not tell for sure that a row is none of data."""
_COUNT = re.compile(
    r"(?:[(\[【].*[)\]】]|[::]?共?[0-9,]+(?:[个户家只笔条项人](?:计划|产品|组合|账户|企业)?)?|数|金额|[::.。*])+$"
)
"""What may stand behind a label: a bracket, a count."""
_NOTE = re.compile(
    r"(?:备?注[0-9]*|说明|附注|制表|编制|填报|填表|审核|复核|审批|批准|负责人|经办|联系|数据来源|资料来源|来源|打印|盖章|签章|日期"
    r"|notes?|remarks?|sources?|prepared)(?:[::人单日.]|$)"
)


class RowScreen:
    """Tells data rows from the others, for one table."""

    def __init__(self, domain: Domain, names: HeaderNames, header: Header, context: FileContext) -> None:
        self._labels = frozenset(squeeze(label).lower() for label in domain.config.summary_labels)
        self._rollup = lru_cache(maxsize=4096)(_Rollup((*self._labels, *ROLLUP_LABELS)))
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
        self._keys = itemgetter(self._label_column, *keys)
        codes = [index for index in keys if len(self._types[index][0].inputs("")) == 1]
        self._code_columns = tuple(dict.fromkeys((self._label_column, *codes)))
        self._measures = [index for index in self._types if index not in keys]
        self._words = self._labels | set(headers.values()) | names.key_headers | {""}

    def is_ordinary(self, cells: Row) -> bool:
        """A quick yes for rows that can only be data: all keys filled, no label and no header word in sight."""
        first = cells[0]
        if type(first) is str and squeeze(first).lower() in self._words:
            return False
        for index in self._code_columns:
            code = cells[index]
            if type(code) is str and not self._is_ordinary_code(code):
                return False
        return "" not in self._keys(cells) and (type(first) is not str or not self._rollup(first))

    def _is_ordinary_code(self, code: str) -> bool:
        if code.isascii() and code.isalnum() and code[0] not in "tTsSaAgG":
            return True
        return squeeze(code).lower() not in self._words and not self._rollup(code) and self._names.find(code) is None

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
        return self._is_label(first) or self._is_label(cells[self._label_column])

    def may_be_data(self, cells: Row) -> bool:
        """Whether a row may be one of data, and no title or group over the header of a further table.

        One of nothing but text must have its codes, and a value if it fills measures at all.
        """
        if any(isinstance(cell, float) for cell in cells):
            return True
        if any(is_blank(cells[index]) for index in self._code_columns):
            return False
        measures = [(index, cells[index]) for index in self._measures if not is_blank(cells[index])]
        return not measures or any(self._is_value(*measure) for measure in measures)

    def rollup(self, cells: Row) -> tuple[int, Problem] | None:
        """The column of a label that makes a row a suspected rollup, with the problem; None where there is none."""
        first = next((index for index, cell in enumerate(cells) if not is_blank(cell)), 0)
        for index in dict.fromkeys((first, *self._code_columns)):
            cell = cells[index]
            if isinstance(cell, str) and (self._is_label(cell) or self._rollup(cell)):
                reason = f"{cell} looks like a total over other rows: delete the row, or give the plan its code"
                return index, Problem("suspected_summary", reason)
        return None

    def _is_label(self, cell: Cell) -> bool:
        return isinstance(cell, str) and normal_header(cell) in self._labels

    def _is_note(self, filled: list[tuple[int, Cell]]) -> bool:
        """Whether a row holds text only that is no value: one cell, or several of which one is surely no value."""
        texts = [(index, cell) for index, cell in filled if isinstance(cell, str)]
        if len(texts) < len(filled) or any(isinstance(cell, ErrorCell | UncalculatedCell) for _, cell in texts):
            return False
        surely = [_NOTE.match(normal_header(cell)) or is_statement(normal_header(cell)) for _, cell in texts]
        if len(texts) == 1:
            return bool(surely[0]) or not self._is_value(*texts[0])
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


class _Rollup:
    """Whether a text is a summary label with more before it, or a count or bracket behind it."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._words = tuple(label for label in labels if not label.isascii())
        self._latin = tuple(label for label in labels if label.isascii())

    def __call__(self, text: str) -> bool:
        name = squeeze(text).lower()
        bare = _COUNT.sub("", name)
        if name in ROLLUP_LABELS or bare in self._words or bare in self._latin:
            return name not in self._words + self._latin or name in ROLLUP_LABELS
        if bare.endswith(self._words):
            return True
        spaced = _COUNT.sub("", normalize("NFKC", text).strip().lower()).rstrip()
        return any(re.search(rf"[^a-z0-9]{re.escape(label)}$", spaced) for label in self._latin)
