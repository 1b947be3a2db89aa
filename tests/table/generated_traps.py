"""Traps for the workbooks that are not clean: each is something that rules.md rejects, refuses, or reads specially."""

from datetime import date
from random import Random
from typing import Any

from packages import Cell, SheetOf

ERRORS = ("#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A")
JUNK = ("1,23,4", "5,5%", "1.234,56", "约5", "5-", "+-5", "0x10", "1_0", "5元5", "¥", "3美元", "-5", "5%%",
        "99999999999999999999", "(5", "12.5千元", "7‰", "1e400", "5.5%")  # fmt: skip


def trap_cells(made: Any, sheet: SheetOf, places: dict[str, int], rows: list[int], random: Random, month: date) -> None:
    """Spoil some rows of a table."""
    traps = ("error", "formula", "zero", "junk", "boolean", "month", "code", "repeat", "conflict", "format", "rollup")
    measures = [name for name in ("rate", "nav", "scale") if name in places]
    for row in rows:
        if random.random() > 0.4:
            continue
        trap = random.choice(traps)
        made.features.append(f"{trap} in row {row}")
        measure = places[random.choice(measures)] if measures else places["plan"]
        anywhere = random.choice([measure, places["plan"], places["company"], *places.values()])
        if trap == "error":
            sheet.put(row, anywhere, Cell(random.choice(ERRORS), error=True, formula=random.choice((None, "1/0"))))
        elif trap == "formula":
            sheet.put(row, anywhere, Cell(None, formula="B2*2", empty=random.random() < 0.2))
        elif trap == "zero":
            sheet.put(row, measure, Cell(random.choice((0, 0.0, False)), formula="B2*2"))
        elif trap == "junk":
            sheet.put(row, measure, random.choice(JUNK))
        elif trap == "boolean":
            sheet.put(row, anywhere, random.choice((True, False)))
        elif trap == "month":
            other = date(month.year - 1, 12, 1)
            if "year" in places:
                sheet.put(row, places["year"], other.year)
            if "period" in places:
                periods = (f"{other:%Y-%m}", 45597, "2024年第四季度", 2024.1, "24年3月")
                sheet.put(row, places["period"], random.choice(periods))
        elif trap == "code":
            shown = Cell(7, "00"), Cell(12, "\\P000")
            codes = (None, "-", "无", 1234567890123456, "A/B", 12.5, -3, *shown, "NA", "#N/A")
            sheet.put(row, places["plan"], random.choice(codes))
        elif trap in ("repeat", "conflict"):
            other_row = random.choice(rows)
            for column in places.values():
                sheet.cells.pop((row, column), None)
                if cell := sheet.cells.get((other_row, column)):
                    sheet.cells[row, column] = cell
            if trap == "conflict":
                sheet.put(row, measure, 0.5)
        elif trap == "format":
            units = ('#,##0.00"万元"', '0.00"%"', '"¥"#,##0.00', '0.00"元"', '0.00"%";\\-0.00')
            code = random.choice((*units, "0.00%", "#,##0,", "000000"))
            sheet.put(row, measure, Cell(round(random.uniform(-2, 50), 3), code))
        else:
            labels = ("合计2户", "单一计划合计", "C1 汇总", "共计", "合计（2个计划）", "合计")
            sheet.put(row, places["plan"], random.choice(labels))


def trap_layout(made: Any, random: Random) -> None:
    """Sometimes spoil the workbook as a whole: by a foreign unit, a title of another month, a doubtful header."""
    sheet = next(sheet for sheet in made.book.sheets if sheet.visible)
    bottom = max(row for row, _ in sheet.cells)
    headers = [(place, cell) for place, cell in sheet.cells.items() if isinstance(cell.value, str)]
    trap = random.choice(("", "", "", "", "foot", "foreign", "title", "lost", "double"))
    if trap:
        made.features.append(trap)
    if trap == "foot":
        sheet.put(bottom + 1, 1, random.choice(("单位：万元", "单位：亿元", "注：单位为%")))
    elif trap == "lost":
        found = [place for place, cell in headers if cell.value.startswith(("收益率", "规模", "净值"))]
        if found:
            place = random.choice(found)
            text = str(sheet.cells[place].value)
            lost = ("{}_旧", "{} 本年", "{}(美元)", "累计{}")
            sheet.put(*place, random.choice(lost).format(text[:3]))
    elif trap == "double":
        right = max(column for _, column in sheet.cells)
        row = next((place[0] for place, cell in headers if cell.value.startswith(("计划", "PLAN", "plan"))), 0)
        if row:
            sheet.put(row, right + 1, random.choice(("规模", "净值", "收益率", "公司代码")))
    elif trap and (1, 1) not in sheet.cells and not any(row == 1 for row, _ in sheet.cells):
        sheet.put(1, 1, "单位：美元" if trap == "foreign" else "2023年3月受托业绩")
