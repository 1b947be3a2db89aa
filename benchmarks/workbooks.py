"""Workbooks as people send them: texts shared, figures as numbers and as typed texts, one month each."""

import random
from pathlib import Path

import xlsxwriter

_LAST_YEAR = 2025
HEADER = ("年", "月", "计划代码", "公司代码", "收益率", "净值", "规模")


def make_workbooks(folder: Path, files: int, rows: int) -> list[Path]:
    """Write so many workbooks of so many rows, the same ones each time, each of a month of its own below 240.

    Those that are there already are not written again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [make_workbook(folder, number, rows) for number in range(files)]


def make_workbook(folder: Path, number: int, rows: int) -> Path:
    """One workbook. Years, months, shares and sizes are typed in more than half of the rows ('4.5658%', '2021年').

    The first ones are of the last full years: rows of old months would all bear a warning.
    """
    year, month = _LAST_YEAR - number // 12 % 20, number % 12 + 1
    path = folder / f"{year}-{month:02d}_受托业绩{'' if number < 240 else f'_{number}'}.xlsx"
    if path.exists():
        return path
    draw = random.Random(number)
    working = path.with_suffix(".tmp")
    workbook = xlsxwriter.Workbook(str(working))
    sheet = workbook.add_worksheet("受托业绩")
    sheet.write_row(0, 0, HEADER)
    for row in range(1, rows + 1):
        rate, value, size = draw.uniform(-0.1, 0.1), round(draw.uniform(0.5, 3), 4), round(draw.uniform(1e4, 1e9), 2)
        cells = (
            f"{year}年" if draw.random() < 0.5 else year,
            f"{month}月" if draw.random() < 0.5 else month,
            f"P{'-' if draw.random() < 0.5 else ''}{number:04d}{row:06d}",
            f"C{row % 40:03d}",
            f"{rate * 100:.4f}%" if draw.random() < 0.6 else round(rate, 6),
            value if draw.random() < 0.8 else str(value),
            f"{size:,.2f}" if draw.random() < 0.6 else size,
        )
        sheet.write_row(row, 0, cells)
    workbook.close()
    return working.replace(path)
