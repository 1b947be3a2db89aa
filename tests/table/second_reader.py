"""A second reader of workbooks: openpyxl and a plain restatement of docs/rules.md, slow and simple.

It shares no code with extract/. It reads packages in their plain spelling, and knows the number formats that
generated_formats.py lists. `Refused` is a workbook that must load nothing at all.
"""

import io
import re
import warnings
import zipfile
from dataclasses import dataclass
from datetime import date

import openpyxl
from second_values import AMOUNTS, PLACES, UNITS, Rejected, Seen, code, figure, flat, row_period

HEADERS = {
    "year": ("年", "年份", "year"),
    "month": ("月", "月份", "month"),
    "period": ("报告期", "报告日期", "月度", "期间", "report_period", "report_date"),
    "plan": ("计划代码", "计划号", "年金计划号", "plan_code"),
    "company": ("公司代码", "受托人代码", "company_code"),
    "rate": ("收益率", "当期收益率", "return_rate"),
    "nav": ("净值", "单位净值", "net_asset_value", "nav"),
    "scale": ("规模", "资产规模", "期末资产规模", "fund_scale"),
}
QUALIFIERS = {"rate": ("本月", "当月", "当期", "计划"), "scale": ("期末", "月末")}
LABELS = "合计|小计|总计|总和|平均|汇总|共计|subtotal|total|average"
Record = tuple[str, str, str, str, str, str, int]
"""Month, plan, company, the three measures as text ("" is null), and the row."""


class Refused(Exception):  # noqa: N818  # not an error of the tests
    """The workbook must not load."""


Grid = dict[tuple[int, int], Seen]


def read(plain: bytes, period: date | None) -> list[Record]:
    """The records of the first visible sheet; `period` is the month of the file name."""
    grid, merges = _grid(plain)
    return _without_conflicts(_Sheet(grid, merges, period).records())


def _grid(plain: bytes) -> tuple[Grid, list[tuple[int, int, int, int]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(plain))
        values = openpyxl.load_workbook(io.BytesIO(plain), data_only=True)
    number = next(n for n, sheet in enumerate(book.worksheets) if sheet.sheet_state == "visible")
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        part = archive.read(f"xl/worksheets/sheet{number + 1}.xml").decode()
    without = set(re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f(?:/>|>[^<]*</f>)</c>', part))
    grid: Grid = {}
    for row in values.worksheets[number].iter_rows():
        for cell in row:
            above = book.worksheets[number][cell.coordinate]
            zero = isinstance(cell.value, int | float) and not cell.value
            if above.data_type == "f" and (cell.coordinate in without or (book.calculation.fullCalcOnLoad and zero)):
                grid[cell.row, cell.column] = Seen("uncalculated", above.value)
            elif cell.data_type == "e":
                grid[cell.row, cell.column] = Seen("error", cell.value)
            elif cell.value is not None and not (isinstance(cell.value, str) and not flat(cell.value)):
                kinds = ((bool, "bool"), (str, "text"), (date, "date"), (int, "number"), (float, "number"))
                kind = next(name for type_, name in kinds if isinstance(cell.value, type_))
                grid[cell.row, cell.column] = Seen(kind, cell.value, cell.number_format)
    merged = [(m.min_row, m.min_col, m.max_row, m.max_col) for m in values.worksheets[number].merged_cells.ranges]
    return grid, merged


@dataclass
class Columns:
    """A header: field to column, field to the unit in its header cell, and the rows that it takes."""

    places: dict[str, int]
    units: dict[str, int]
    first: int
    last: int


class _Sheet:
    def __init__(self, grid: Grid, merges: list[tuple[int, int, int, int]], period: date | None) -> None:
        self.grid, self.merges, self.period = grid, merges, period
        self.bottom = max((row for row, _ in grid), default=0)
        self.right = max((column for _, column in grid), default=0)

    def text(self, row: int, column: int) -> str:
        seen = self.grid.get((row, column))
        return str(seen.value) if seen and seen.kind == "text" else ""

    def records(self) -> list[Record]:
        found: list[Record] = []
        table: Columns | None = None
        titled: dict[str, int] = {}
        since: list[int] = []
        row = 0
        while row < self.bottom:
            row += 1
            header = self.header(row)
            if header:
                own = self.statements(since, header.first)
                titled = own if table is None else {**titled, **own}
                if "period" not in header.places and "year" not in header.places:
                    self.check_titles(since)
                below = self.unit_row(header)
                units = {**titled, **(below or {}), **header.units}
                table, row, since = header, header.last + (below is not None), []
                continue
            if table is None:
                since.append(row)
                if row > 30:
                    break
                continue
            try:
                found.append(self.record(row, table, units))
                since = []
            except Rejected:
                numbers = any(seen.kind == "number" for (number, _), seen in self.grid.items() if number == row)
                since = [] if numbers else [*since, row]
        if table is None:
            raise Refused("no header")
        return found

    def header(self, row: int) -> Columns | None:
        """The header that begins in a row: of this row and the next, or of this row alone."""
        lower = [c for c in range(1, self.right + 1) if (row + 1, c) in self.grid]
        words = all(self.grid[row + 1, c].kind == "text" for c in lower)
        alone = self.named(row, None)
        keys = [c for f, c in alone.places.items() if f in ("year", "month", "period", "plan", "company")]
        under_keys = any(c in lower and not named(self.text(row + 1, c)) for c in keys)
        is_unit_row = self.unit_row(Columns({}, {}, row, row)) is not None
        if lower and words and not under_keys and not is_unit_row and not self.complete(self.named(row + 1, None)):
            both = self.named(row, row + 1)
            if self.complete(both):
                self.refuse_doubtful(both, row, row + 1)
                return both
        if self.complete(alone):
            self.refuse_doubtful(alone, row, None)
            return alone
        return None

    def complete(self, columns: Columns) -> bool:
        fields = columns.places
        period = "period" in fields or {"year", "month"} <= fields.keys()
        by_name = self.period is not None and not {"year", "month"} & fields.keys()
        return "plan" in fields and "company" in fields and (period or by_name)

    def named(self, row: int, lower: int | None) -> Columns:
        found = Columns({}, {}, row, lower or row)
        for column in range(1, self.right + 1):
            texts = [self.text(row, column)]
            if lower:
                under = self.text(lower, column)
                group = self.group(row, column) if under else texts[0]
                texts = [under, under + group] if under else [group]
                if under and not named(under):
                    over = named(group)
                    if over and under in QUALIFIERS.get(over[0], ()):
                        texts = [group]
            hit = next((hit for hit in map(named, texts) if hit), None)
            if hit:
                field, unit = hit
                if field in found.places and field in PLACES:
                    raise Refused("two columns of a field")
                found.places[field] = column
                if field in UNITS and unit is not None:
                    if unit not in UNITS[field]:
                        raise Refused(f"unit {unit}")
                    found.units[field] = UNITS[field][unit]
        return found

    def group(self, row: int, column: int) -> str:
        """The text over a column: in its cell, in the merge it lies in, or left of it over columns that have none."""
        while column > 0:
            if self.text(row, column):
                return self.text(row, column)
            column -= 1
        return ""

    def refuse_doubtful(self, columns: Columns, row: int, lower: int | None) -> None:
        """A header that holds an accepted name of a field that has no column may be that column."""
        for column in set(range(1, self.right + 1)) - set(columns.places.values()):
            text = flat(self.text(row, column) + (self.text(lower, column) if lower else ""))
            if lower and self.text(lower, column):
                text = flat(self.group(row, column)) + text
            for field in PLACES.keys() - columns.places.keys():
                if any(name in text for name in HEADERS[field]):
                    raise Refused(f"doubtful column {text}")

    def unit_row(self, header: Columns) -> dict[str, int] | None:
        row = header.last + 1
        cells = {c: self.grid[row, c] for c in range(1, self.right + 1) if (row, c) in self.grid}
        texts = {c: flat(str(seen.value)).strip("()[]【】").replace("人民币", "") for c, seen in cells.items()}
        texts = {c: text for c, text in texts.items() if text not in ("", "-", "--", "单位", "单位:")}
        known = {*AMOUNTS, "%", "‰", "美元", "万美元"}
        if not texts or any(seen.kind != "text" for seen in cells.values()) or not set(texts.values()) <= known:
            return None
        fields = {column: field for field, column in header.places.items() if field in UNITS}
        found = {}
        for column, text in texts.items():
            if column in fields:
                if text not in UNITS[fields[column]]:
                    raise Refused(f"unit {text}")
                found[fields[column]] = UNITS[fields[column]][text]
        return found

    def statements(self, rows: list[int], before: int) -> dict[str, int]:
        """What the titles state: 单位：万元 is for all fields that take it."""
        found: dict[str, int] = {}
        for row in (row for row in rows if row < before):
            for column in range(1, self.right + 1):
                text = self.text(row, column)
                if re.fullmatch("单位[:：]?", text):
                    text = "单位：" + self.text(row, column + 1)
                for unit in stated_units(text):
                    taking = [field for field, units in UNITS.items() if unit in units]
                    if not taking:
                        raise Refused(f"unit {unit}")
                    for field in taking:
                        if found.setdefault(field, UNITS[field][unit]) != UNITS[field][unit]:
                            raise Refused("two units")
        return found

    def check_titles(self, rows: list[int]) -> None:
        for row in rows:
            for column in range(1, self.right + 1):
                if re.match("注|备注", self.text(row, column)):
                    continue
                months = re.findall(r"(20[0-9]{2})年([0-9]{1,2})月", flat(self.text(row, column)))
                if (
                    months
                    and self.period
                    and (self.period.year, self.period.month) not in [(int(year), int(month)) for year, month in months]
                ):
                    raise Refused("a title names another month")

    def record(self, row: int, table: Columns, units: dict[str, int]) -> Record:
        keys = {f: self.key(row, c) for f, c in table.places.items() if f not in PLACES}
        filled = [self.grid[row, c] for c in range(1, self.right + 1) if (row, c) in self.grid]
        labels = [seen for seen in (*filled[:1], keys["plan"], keys["company"]) if seen and seen.kind == "text"]
        if not filled or any(re.search(LABELS, flat(str(seen.value))) for seen in labels):
            raise Rejected
        by_name = None if {"year", "month", "period"} & keys.keys() else self.period
        month = row_period(keys.get("year"), keys.get("month"), keys.get("period"), by_name)
        if self.period and month != self.period:
            raise Rejected
        plan, company = code(keys["plan"], 50), code(keys["company"], 20)
        figures = []
        for field in PLACES:
            seen = self.grid.get((row, table.places[field])) if field in table.places else None
            value = figure(seen, field, units.get(field))
            figures.append("" if value is None else f"{value:f}")
        return (month.isoformat(), plan, company, *figures, row)  # type: ignore[return-value]

    def key(self, row: int, column: int) -> Seen | None:
        for top, left, bottom, _ in self.merges:
            if left == column and top <= row <= bottom:
                return self.grid.get((top, left))
        return self.grid.get((row, column))


def named(text: str) -> tuple[str, str | None] | None:
    """The field of a header and the unit in it."""
    text = re.sub(r"(?:[*※#①②¹²]|注[0-9]?|[(（]注[0-9]?[)）])+$", "", text.strip())
    match = re.fullmatch(r"(.+?)(?:[(\[【](.+)[)\]】]|[/:,-]([^/:,-]+))?", flat(text))
    if not match:
        return None
    name = next((field for field, names in HEADERS.items() if match[1] in names), None)
    for field, words in QUALIFIERS.items():
        name = name or next((field for w in words for n in HEADERS[field] if match[1] in (w + n, n + w)), None)
    unit = (match[2] or match[3] or "").replace("人民币", "") or None
    return (name, None if name not in UNITS else unit) if name else None


def stated_units(text: str) -> list[str]:
    """The units that a title states."""
    match = re.search(r"(?<!编制)(?<!填报)单位[:为](.+?)(?:[)。;]|$)", flat(text))
    return [part.replace("人民币", "") for part in re.split("[、,/和]", match[1])] if match else []


def _without_conflicts(records: list[Record]) -> list[Record]:
    kept: list[Record] = []
    for record in records:
        same = [other for other in records if other[:3] == record[:3]]
        if all(other[:6] == record[:6] for other in same) and record is same[0]:
            kept.append(record)
    return kept
