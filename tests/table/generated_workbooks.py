"""Workbooks made up from a seed: layouts, units, formats, errors, spellings; and the records that a clean one gives.

A clean workbook holds nothing that rules.md rejects or refuses: all of its rows must load. The others have traps.
"""

from datetime import date
from random import Random

from generated_cells import Figures, full_width
from generated_layout import Layout, Made
from generated_traps import trap_cells, trap_layout
from second_reader import HEADERS, PLACES

from packages import Book, Cell, SheetOf
from packages_xml import Spelling, random_spelling

MONTHS = (date(2024, 11, 1), date(2025, 2, 1), date(2025, 12, 1), date(2026, 5, 1), date(2026, 10, 1))
AMOUNT_WORDS = ("元", "千元", "万元", "百万元", "亿元")
EXTRAS = ("序号", "计划名称", "备注", "托管人", "投资组合", "risk level", "期初余额（万元）", "增长率(%)", "缴费(亿元)")
ORGANISATIONS = ("编制单位：某某养老保险公司", "填报单位:受托管理部")


def make(seed: int) -> Made:
    """The workbook of a seed: of every two, one is clean."""
    return _Maker(seed).made


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.month = random.choice(MONTHS)
        self.by = random.choice(("columns", "columns", "period", "both", "name", "name"))
        in_name = self.by == "name" or random.random() < 0.8
        stem = random.choice((f"{self.month:%Y-%m}_受托业绩报告", f"受托业绩{self.month:%Y年}{self.month.month}月"))
        name = f"{stem}.xlsx" if in_name else "受托业绩.xlsx"
        spelling = random_spelling(random) if random.random() < 0.6 else Spelling(random)
        self.sheet = SheetOf(random.choice(("受托业绩", "Sheet1", "业绩 <1>")))
        self.made = Made(seed, name, self.month if in_name else None, Book([self.sheet]), spelling, seed % 2 == 0)
        self.figures = Figures(random)
        self.row, self.left, self.codes = 0, random.choice((1, 1, 1, 2, 3)), 0
        self.inherited: dict[str, str] = {}
        self._sheets_beside()
        for number in range(random.choice((1, 1, 1, 2, 2, 3))):
            self._table(number)
        if random.random() < 0.4:
            self.row += random.randint(1, 3)
            self._line(random.choice(("注：收益率未经审计。", "制表人：张三", "备注: 数据来源于受托人")))
        if not self.made.clean:
            self.made.book.full_calculation = random.random() < 0.5
            trap_layout(self.made, random)

    def _sheets_beside(self) -> None:
        """Sheets that are not read: hidden ones in front, others behind."""
        for place in (0, 1):
            if self.random.random() < 0.15:
                other = SheetOf(f"说明{place}", visible=bool(place))
                cells = self.random.choice((["说明"], ["年", "月", "计划代码", "公司代码", "收益率"]))
                for column, text in enumerate(cells, start=1):
                    other.put(1, column, text)
                    other.put(2, column, "x" if len(cells) == 1 else (2024, 11, "WRONG", "C1", 0.5)[column - 1])
                self.made.book.sheets.insert(place * len(self.made.book.sheets), other)

    def _line(self, text: str) -> None:
        self.row += 1
        self.sheet.put(self.row, self.left, text)

    def _table(self, number: int) -> None:
        layout = self._layout()
        if number:
            self.row += self.random.choice((0, 1, 2))
        self._titles(number, layout)
        self.row += 1
        places = {name: self.left + n for n, name in enumerate(layout.columns)}
        self._header(layout, places)
        self.figures.settle(layout.units)
        rows = [self._data(layout, places) for _ in range(self.random.randint(1, 7))]
        if len(rows) > 1 and self.random.random() < 0.3:
            self._merge_keys(rows, places)
        if not self.made.clean:
            trap_cells(self.made, self.sheet, places, rows, self.random, self.month)
        if self.random.random() < 0.4:
            self.row += 1
            self.sheet.put(self.row, self.left, self.random.choice(("合计", "小 计", "Total", "平均值")))
            for measure in (measure for measure in PLACES if measure in places):
                if places[measure] != self.left:
                    self.sheet.put(self.row, places[measure], 12345.678)

    def _layout(self) -> Layout:
        random = self.random
        keys = {"columns": ["year", "month"], "period": ["period"], "both": ["year", "month", "period"], "name": []}
        measures = [name for name in PLACES if random.random() < 0.85]
        extras = random.sample(EXTRAS, random.randint(0, 2))
        columns = [*keys[self.by], "plan", "company", *measures, *extras]
        if random.random() < 0.4:
            random.shuffle(columns)
        units, stated = {}, {}
        for measure in measures:
            stated[measure] = random.choice(("header", "row", "title", "none"))
            choices = {"rate": ("%", "%", "‰"), "nav": ("元",), "scale": AMOUNT_WORDS}[measure]
            units[measure] = random.choice(choices)
        if "row" in stated.values() and random.random() < 0.5:
            stated = dict.fromkeys(stated, "row")
        return Layout(columns, units, stated)

    def _titles(self, number: int, layout: Layout) -> None:
        """Titles, with a statement of the units that stand there; what they leave open holds from the table before."""
        random = self.random
        if random.random() < 0.6:
            month = f"{self.month.year}年{self.month.month}月" if random.random() < 0.7 else ""
            if number and not self.made.clean and random.random() < 0.3:
                month = f"{self.month.year - 1}年{self.month.month}月"
            self._line(f"{month}受托业绩{'报告' if not number else '（续）'}")
        if random.random() < 0.2:
            self._line(random.choice(ORGANISATIONS))
        if random.random() < 0.2 and number == 0:
            self.row += 1
        wanted = {m: layout.units[m] for m, place in layout.stated.items() if place == "title" and m != "nav"}
        if wanted:
            words = list(wanted.values())
            random.shuffle(words)
            joined = random.choice(("、", "，", "/")).join(words)
            if random.random() < 0.3:
                joined = joined.replace("万元", "人民币万元")
            shapes = ("单位：{}", "单位:{}", "金额单位：{}", "（单位：{}）", "单位 ： {}", "计量单位：{}")
            column = self.left + random.randint(0, 4)
            self.row += 1
            if random.random() < 0.1 and len(words) == 1 and not (number or self.inherited):
                self.sheet.put(self.row, self.left, "单位：")
                self.sheet.put(self.row, self.left + 1, joined)
                self.row += 1
            else:
                self.sheet.put(self.row, column, random.choice(shapes).format(joined))
        elif random.random() < 0.2:
            self._line("币种：人民币")
        if wanted.get("scale") == "元":
            wanted["nav"] = "元"
        self.inherited |= wanted
        for measure, place in layout.stated.items():
            if place in ("title", "none"):
                layout.units[measure] = self.inherited.get(measure, "")

    def _header(self, layout: Layout, places: dict[str, int]) -> None:
        """One row, or two of which the upper holds groups; and below it a row of units."""
        random = self.random
        two = random.choice(("", "", "", "over keys", "qualifiers"))
        if two == "qualifiers" and "rate" in places and self.left + len(places) == places["rate"] + 1:
            places["累计收益"] = places["rate"] + 1
        else:
            two = "" if two == "qualifiers" else two
        if two == "over keys" and self.by == "name" and self.sheet.cells and self.codes:
            two = ""  # two words over the codes alone look like a plan without figures
        top = self.row
        self.row += bool(two)
        for name, column in places.items():
            text = self._header_text(name, layout)
            if two == "over keys":
                self.sheet.put(self.row, column, text)
            elif two and name == "rate":
                self.sheet.put(top, column, self._header_text(name, layout, bare="收益率"))
                self.sheet.put(self.row, column, random.choice(("本月", "当月", "当期")))
                if random.random() < 0.7:
                    self.sheet.merges.append((top, column, top, column + 1))
            elif two and name == "累计收益":
                self.sheet.put(self.row, column, random.choice(("本年累计", "年初至今", "累计")))
            else:
                self.sheet.put(top, column, text)
                if two and random.random() < 0.6:
                    self.sheet.merges.append((top, column, self.row, column))
        if two == "over keys":
            columns = sorted(places.values())
            cut = random.randint(1, len(columns) - 1)
            names = ("基本信息", "业绩情况")
            extra = len([name for name in places if name not in HEADERS])
            if extra and all(name not in HEADERS for name in layout.columns[-extra:]):
                cut, names = len(columns) - extra, ("业绩", random.choice(("缴费（万元）", "其他 (亿元)")))
            for part, text in ((columns[:cut], names[0]), (columns[cut:], names[1])):
                self.sheet.put(top, part[0], text)
                if len(part) > 1 and random.random() < 0.7:
                    self.sheet.merges.append((top, part[0], top, part[-1]))
        if "row" in layout.stated.values():
            self.row += 1
            for measure, place in layout.stated.items():
                if place == "row":
                    unit = layout.units[measure]
                    shape = random.choice(("{}", "({})", "（{}）"))
                    self.sheet.put(self.row, places[measure], shape.format(unit))

    def _header_text(self, name: str, layout: Layout, bare: str = "") -> str:
        random = self.random
        if name not in HEADERS:
            return name
        text = bare or random.choice(HEADERS[name])
        if text.isascii():
            text = random.choice((text, text.upper(), text.title()))
        elif random.random() < 0.2 and len(text) > 1:
            place = random.randrange(1, len(text))
            text = text[:place] + random.choice((" ", "\n", "\u3000")) + text[place:]
        if layout.stated.get(name) == "header":
            unit = layout.units[name]
            shapes = (
                "{}({})", "{}（{}）", "{}\n({})", "{}/{}", "{}：{}", "{}:{}", "{} ( {} )", "{}[{}]", "{}-{}", "{},{}",
            )  # fmt: skip
            text = random.choice(shapes).format(text, unit)
        elif random.random() < 0.15:
            text += random.choice(("*", "※", "①", "注1", "²", "（注1）"))
        return text

    def _data(self, layout: Layout, places: dict[str, int]) -> int:
        """A row with values that are known; its number."""
        random = self.random
        self.row += 1 + (random.random() < 0.05)
        row, put = self.row, self.sheet.put
        self._period(row, places)
        plan, cell = self._plan()
        put(row, places["plan"], cell)
        company = random.choice(("C1", "C2", "XY01"))
        typed = random.choice((company, company.lower(), full_width(company), f" {company}", company))
        put(row, places["company"], typed)
        known: dict[str, str] = dict.fromkeys(PLACES, "")
        for measure in (measure for measure in PLACES if measure in places):
            value, measured = getattr(self.figures, measure)(layout.units[measure])
            if measured is not None:
                put(row, places[measure], measured)
            known[measure] = "" if value is None else f"{value:.{PLACES[measure]}f}"
        for name, column in places.items():
            if name not in HEADERS and random.random() < 0.7:
                others = ("某某", 7, 0.5, "1,000", Cell("#N/A", error=True), Cell(None, formula="A1"))
                put(row, column, random.choice(others))
        values = (known["rate"], known["nav"], known["scale"])
        self.made.expected.append((self.month.isoformat(), plan, company, *values, row))
        return row

    def _merge_keys(self, rows: list[int], places: dict[str, int]) -> None:
        """Let merged cells give a key column to some rows one below the other."""
        first = self.random.randrange(len(rows) - 1)
        last = first + 1
        while last + 1 < len(rows) and self.random.random() < 0.6:
            last += 1
        top, bottom = rows[first], rows[last]
        for name in ("company", "year", "month", "period"):
            if name in places and self.random.random() < 0.6:
                column = places[name]
                self.sheet.merges.append((top, column, bottom, column))
                for row in range(top + 1, bottom + 1):
                    self.sheet.cells.pop((row, column), None)
                if name == "company":
                    company = next(record[2] for record in self.made.expected if record[6] == top)
                    self.made.expected = [
                        (*record[:2], company, *record[3:]) if top < record[6] <= bottom else record
                        for record in self.made.expected
                    ]

    def _period(self, row: int, places: dict[str, int]) -> None:
        random, month = self.random, self.month
        if "year" in places:
            years = (month.year, str(month.year), f"{month.year}年", f"{month:%y}", full_width(str(month.year)))
            year = Cell(month.year, '0"年"') if random.random() < 0.1 else random.choice((month.year, *years))
            self.sheet.put(row, places["year"], year)
            months = (month.month, str(month.month), f"{month:%m}", f"{month.month}月", Cell(month.month, "00"))
            self.sheet.put(row, places["month"], random.choice((month.month, *months)))
        if "period" in places:
            forms = (
                f"{month:%Y-%m}", f"{month.year}年{month.month}月", f"{month:%Y/%m}", f"{month:%Y.%m}", f"{month:%Y%m}",
                int(f"{month:%Y%m}"), f"{month:%Y-%m}-15", Cell(month, "yyyy-mm-dd"), Cell(month, 'yyyy"年"m"月"'),
                Cell(month, "mm-dd-yy"), Cell(month, "[$-804]yyyy/m/d"), f"{month.year}年{month.month}月报告",
            )  # fmt: skip
            self.sheet.put(row, places["period"], random.choice(forms))

    def _plan(self) -> tuple[str, object]:
        """A new code, and a cell that shows it."""
        self.codes += 1
        number = 1000 * self.random.randint(1, 90) + self.codes
        cells = (
            (f"P{number}", f"P{number}"),
            (f"P{number}", f"p-{number}"),
            (f"P{number}", full_width(f"P{number}")),
            (f"{number}", number),
            (f"{number:06}", Cell(number, "000000")),
            (f"99JH{number:08}", Cell(number, '"99JH"00000000')),
            (f"0{number}", f"0{number}"),
            (f"P{number}", Cell(f"P{number}", formula='"P"&A1')),
        )
        return self.random.choice(cells)
