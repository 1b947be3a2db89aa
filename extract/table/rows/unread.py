"""Cells beside the columns that are read, which may say something about the rows all the same.

Rule: rules.md, Units: nothing that looks like a statement of units is passed over. In a csv a cell behind the last
header means that the cells of its row were cut apart at the wrong places.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain

from extract.fields.base import Problem, told
from extract.table.header.fields import Header, HeaderCell
from extract.table.rows.kinds import RowScreen
from extract.table.rows.remarks import RowRemarks
from extract.table.statements.names import normal_header, peeled
from extract.table.statements.titles import months_in
from extract.table.statements.unit_words import looks_like_unit, statements_in, units_in
from extract.table.statements.units import Text
from extract.workbook.cells import Cell, address, display, is_blank, squeeze

_UNIT_COLUMNS = (
    "单位", "币种", "货币", "币别", "原币", "量级", "货币代码", "币种代码", "币种名称", "货币名称",
    "unit", "units", "currency", "ccy",
)  # fmt: skip
_MONTH_COLUMNS = frozenset((
    "日期", "年月", "时间", "所属月份", "所属期", "所属期间", "统计月份", "统计日期", "统计期间", "统计期",
    "报表日期", "报表月份", "报告月份", "业务日期", "数据日期", "数据月份", "估值日期", "净值日期", "业绩日期",
    "截至日期", "月末日期", "期末日期",
    "date", "month", "period", "yearmonth", "year_month", "reportmonth", "report_month", "asof", "asofdate",
    "as_of_date", "valuationdate", "valuation_date", "年月日", "账期", "月末", "期次", "所属月",
))  # fmt: skip
"""Headers of columns that name the month of a row, though no field reads them."""
_MONTH_COLUMN = re.compile(
    "(?:数据|统计|报表|业务|估值|净值|业绩|截[止至]|月末|期末|基准|所属|会计|核算)+"
    "(?:日期?|年?月份?|年月日|期间?|时间|时点|周期|所属期|截[止至]日期?)"
)
_MONTH = re.compile(r"(20[0-9]{2})(?:[-./年]([0-9]{1,2})(?![0-9])|([0-9]{2})(?=[0-9]{2}$|$|[^0-9]))")
_NEAR = timedelta(days=400)
_DIFFERING = 2
"""Months from which those of a column differ."""
_OF_NO_WEIGHT = frozenset(("元", "份", "户", "人", "个", "股", "手", "笔"))
_FIRST_GROUP, _NEXT_GROUP = re.compile(r"[-+(]?[¥$€]?[0-9]{1,3}"), re.compile(r"0[0-9]{2}(?:\.[0-9]*)?\)?")
"""How 1,000 begins and goes on where its comma parted it; 1,234 looks like two figures, and is not known by this."""
_STATING = re.compile(r"单位|币种|货币|unit|[千万亿]元|^[(（]?[%‰]")

Columns = Sequence[tuple[Cell, ...]]
Found = Iterator[tuple[int, int, Problem]]
"""Position of a row in a chunk, the column that says that it is wrong, and what is."""


class UnreadColumns:
    """The columns of one table that feed no field.

    `delimited`: the sheet is a csv. `month`: that of the file name, where no column that is read tells the month.
    `measures`: the fields that are figures. `screen` knows the labels of totals.
    """

    def __init__(
        self, header: Header, screen: RowScreen, *, delimited: bool, month: date | None, measures: Collection[str]
    ) -> None:
        read = {cell.index for cells in header.sources.values() for cell in cells if cell}
        named = {index for index, name in enumerate(header.names) if name.strip()}
        self._header = header
        names = {index: peeled(normal_header(header.names[index])).strip(":*") for index in named - read}
        self._of_units = sorted(index for index, name in names.items() if name.endswith(_UNIT_COLUMNS))
        self._surely_months = {index for index, name in names.items() if name in _MONTH_COLUMNS}
        self._of_months = sorted(index for index, name in names.items() if month and _is_of_months(name))
        telling = {*self._of_units, *self._of_months}
        self.remarks = RowRemarks({index: name for index, name in names.items() if index not in telling}, screen)
        self._month = month
        self._far: dict[int, dict[date, Text]] = {}
        figures = {cell.index for name in measures for cell in header.sources.get(name, ()) if cell}
        parting = {index + 1 for index in figures} & ((named - read) | figures)
        self._may_go_on = sorted(parting) if delimited else []
        self._named, self._behind = named, max(named | read) + 1 if delimited else None

    def problems(self, columns: Columns, numbers: Sequence[int]) -> dict[int, tuple[HeaderCell, Problem]]:
        """Position of a row in a chunk to what makes it wrong, with the column that says so."""
        told_by = (
            self._units(columns),
            self._months(columns, numbers),
            self.remarks.problems(columns, numbers),
            self._cut(columns),
        )
        found: dict[int, tuple[HeaderCell, Problem]] = {}
        for position, index, problem in chain.from_iterable(told_by):
            found.setdefault(position, (self._header.named_column(index), problem))
        return found

    def _units(self, columns: Columns) -> Found:
        """Rows that say that they are in another unit."""
        for index in self._of_units:
            for position, cell in enumerate(columns[index] if index < len(columns) else ()):
                if isinstance(cell, str) and (unit := _unit(cell)):
                    reason = f"the row is in {unit}, the column is read in one unit: write the unit into the cells"
                    yield position, index, Problem("unit_of_row", reason)

    def _months(self, columns: Columns, numbers: Sequence[int]) -> Found:
        """Rows that say that they are of another month."""
        for index in self._of_months:
            cells = columns[index] if index < len(columns) else ()
            months = {position: month for position, cell in enumerate(cells) if (month := _month_of(cell, self._month))}
            if 2 * sum(month == self._month for month in months.values()) > len(months):
                self._surely_months.add(index)  # a column of ends of contracts would name other months
            for position, other in months.items():
                cell = cells[position]
                if other == self._month:
                    continue
                if self._is_near(other, index):
                    reason = f"{told(cell)} is of {other:%Y-%m}, the file name says {self._month:%Y-%m}"
                    yield position, index, Problem("period_conflict", reason)
                elif len(far := self._far.setdefault(index, {})) < _DIFFERING:
                    far.setdefault(other, Text(address(numbers[position], index), display(cell)))

    def _cut(self, columns: Columns) -> Found:
        """Rows of a csv that were cut apart at the wrong places."""
        for index in self._may_go_on:
            for position, (first, cell) in enumerate(zip(*columns[index - 1 : index + 1], strict=True)):
                if _NEXT_GROUP.fullmatch(str(cell).strip()) and _FIRST_GROUP.fullmatch(str(first).strip()):
                    reason = f"{told(cell)} stands behind {told(first)}: a separator inside a cell needs quotes"
                    yield position, index, Problem("too_many_cells", reason)
        for index in range(len(columns) if self._behind is None else self._behind, len(columns)):
            for position, cell in enumerate(columns[index]):
                if not is_blank(cell):
                    reason = f"{told(cell)} stands behind the last header: a separator inside a cell needs quotes"
                    yield position, index, Problem("too_many_cells", reason)

    @property
    def far_months(self) -> list[tuple[Text, date]]:
        """Columns that name one month alone, years away from that of the file: its first cell and the month.

        Ends of contracts differ, or lie ahead.
        """
        alone = [(text, month) for far in self._far.values() if len(far) == 1 for month, text in far.items()]
        return [
            (text, month)
            for text, month in alone
            if self._month and (month < self._month or month.month == self._month.month)
        ]

    def _is_near(self, other: date, index: int) -> bool:
        """Whether another month may be meant for that of the row: 截止日期 may be that of a contract."""
        assert self._month is not None  # or no column is of months
        return index in self._surely_months or abs(other - self._month) <= _NEAR

    def statements(self, columns: Columns, numbers: Sequence[int]) -> Iterator[Text]:
        """Statements of units in columns without a header."""
        for index in set(range(len(columns))) - self._named:
            for position, cell in enumerate(columns[index]):
                if type(cell) is str and _may_state(text := normal_header(cell)) and statements_in(text):
                    yield Text(address(numbers[position], index), display(cell))


def _may_state(text: str) -> bool:
    return bool(_STATING.search(text)) or (looks_like_unit(text) and not set(units_in(text)) <= _OF_NO_WEIGHT)


def _is_of_months(name: str) -> bool:
    return name in _MONTH_COLUMNS or _MONTH_COLUMN.fullmatch(name) is not None


def _month_of(cell: Cell, period: date | None) -> date | None:
    """The month that a cell begins with, of the year of `period` where it names none; None where it is no date."""
    if isinstance(cell, date):
        return date(cell.year, cell.month, 1)
    match = _MONTH.match(squeeze(display(cell)))
    if match and 1 <= (month := int(match[2] or match[3])) <= 12:
        return date(int(match[1]), month, 1)
    return next(iter(months_in(cell, period).months), None) if isinstance(cell, str) else None


def _unit(cell: str) -> str:
    """A unit by which the figures of a row would have to be multiplied, or another currency; "" for none."""
    text = normal_header(cell)
    if not looks_like_unit(text):
        return ""
    return "、".join(unit for unit in units_in(text) if unit not in _OF_NO_WEIGHT)
