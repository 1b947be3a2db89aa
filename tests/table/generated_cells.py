"""Figures and the cells that show them, in every way that the unit of their column allows."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random

from generated_formats import ACCOUNTING, BY_SIZE, PERCENT, PLAIN

from packages import Cell

_POWERS = {"": 0, "%": -2, "‰": -3, "元": 0, "千元": 3, "万元": 4, "百万元": 6, "亿元": 8, "万": 4, "亿": 8}
Figure = tuple[Decimal | None, Cell | None]


def full_width(text: str) -> str:
    """A text in full-width characters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


class Figures:
    """Random figures. Each method gives a value and a cell that shows it in a column of a unit ("": of none)."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._styles: dict[str, list[str]] = {}

    def settle(self, units: Mapping[str, str]) -> None:
        """Choose how the columns of a table are written: mostly each in one way."""
        kinds = ("plain", "plain", "own", "format", "text")
        self._styles = {measure: self._random.choices(kinds, k=self._random.choice((1, 1, 2))) for measure in units}

    def rate(self, unit: str) -> Figure:
        """A share."""
        value = Decimal(self._random.randint(-90_000, 120_000)).scaleb(-6)
        style = self._style("rate")
        if style == "format":
            code = self._random.choice((*PERCENT, '0.00"%"', "0.0000\\%", "0.00!%", '0.00"‰"'))
            power = 0 if code in PERCENT else _POWERS["‰" if "‰" in code else "%"]
            return value, self._number(value, power, code)
        if style == "own":
            own = self._random.choice(("%", "%", "‰"))
            return value, self._text(value.scaleb(-_POWERS[own]), own)
        if style == "text":
            return value, self._text(value.scaleb(-_POWERS[unit]), "")
        return self._maybe_nothing(value, self._number(value, _POWERS[unit], self._random.choice(PLAIN)))

    def nav(self, unit: str) -> Figure:  # it is in 元 whatever its column says
        """A price."""
        value = Decimal(self._random.randint(5_000, 30_000)).scaleb(-4)
        style = self._style("nav")
        if style == "format":
            code = self._random.choice(('0.0000"元"', '#,##0.00"元"', '"¥"#,##0.00', "[$¥-804]#,##0.00", "0.00%"))
            return value, self._number(value, 0, code)
        if style in ("own", "text"):
            return value, self._text(value, "元" if style == "own" else "")
        return self._maybe_nothing(value, self._number(value, 0, self._random.choice(PLAIN)))

    def scale(self, unit: str) -> Figure:
        """An amount."""
        digits = self._random.randint(3, 12)
        value = Decimal(self._random.randint(0, 10**digits)).scaleb(-2)
        style = self._style("scale")
        if style == "format":
            return value, self._formatted_amount(value, unit)
        if style == "own":
            own = self._random.choice(("元", "千元", "万", "万元", "百万元", "亿", "亿元"))
            return value, self._text(value.scaleb(-_POWERS[own]), own)
        if style == "text":
            return value, self._text(value.scaleb(-_POWERS[unit]), "")
        return self._maybe_nothing(value, self._number(value, _POWERS[unit], self._random.choice((*PLAIN, ACCOUNTING))))

    def _style(self, measure: str) -> str:
        return self._random.choice(self._styles[measure])

    def _formatted_amount(self, value: Decimal, unit: str) -> Cell:
        """An amount whose format has a unit, or scales."""
        stated = {'#,##0.00"万元"': 4, "0.00\\万\\元": 4, '0.00" 亿"': 8, '#,##0.00"元"': 0}
        scaling = ['0!.0,"万"', '0!.0000"万元"', '0.00,,"百万元"']
        if unit in ("", "千元"):
            scaling.append("#,##0,")
        if unit in ("", "万元"):
            scaling.append("0!.0,")
        if unit in ("", "元"):
            scaling.append(BY_SIZE)
        code = self._random.choice([*stated, *scaling])
        return self._number(value, stated.get(code, 0), code)

    def _maybe_nothing(self, value: Decimal, cell: Cell) -> Figure:
        """The figure, or now and then one of the ways to say that there is none."""
        if self._random.random() > 0.1:
            return value, cell
        marks = [Cell(mark) for mark in ("-", "—", "N/A", "无", "暂无", " ")]
        return None, self._random.choice((None, Cell("#N/A", error=True), *marks))

    def _number(self, value: Decimal, power: int, code: str) -> Cell:
        number: float | int = float(value.scaleb(-power))
        if number == int(number) and self._random.random() < 0.5:
            number = int(number)
        formula = "A1*2" if self._random.random() < 0.15 and number else None
        return Cell(number, code, formula)

    def _text(self, value: Decimal, unit: str) -> Cell:
        """A figure as people type it."""
        random = self._random
        digits = f"{abs(value.normalize()):f}"
        if random.random() < 0.4:
            digits = f"{abs(value.normalize()):,f}"
        sign = value.is_signed() and value != 0
        if unit not in ("%", "‰") and not sign and random.random() < 0.2:
            digits = random.choice(("¥", "￥")) + digits
        text = digits + unit
        if sign:
            text = random.choice((f"-{text}", f"({text})", f"−{text}", f"（{text}）"))
        elif random.random() < 0.1:
            text = f"+{text}"
        if random.random() < 0.2:
            text = full_width(text).replace("−", "-")
        return Cell(random.choice((text, text, f" {text}", f"{text}\u00a0")))
