"""The number formats of the generated workbooks, with what Excel shows under each: written down, not worked out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """How a number is shown: as a percentage, divided by 10**scale, with a unit behind it or a text before it, and with
    zeros up to a number of digits.
    """

    percent: bool = False
    scale: int = 0
    unit: str = ""
    prefix: str = ""
    zeros: int = 0


ACCOUNTING = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '
BY_SIZE = '[>=100000000]0!.00,,"亿";[>=10000]0!.0,"万";0'
PLAIN = ("General", "0", "0.00", "#,##0.00", "#,##0", ACCOUNTING, "0.00_);[Red](0.00)", "0.0000_ ", "@", "0.00E+00")
PERCENT = ("0%", "0.00%", "0.0000%", "[Red]0.00%;-0.00%", "0.00%_ ;[Red]\\-0.00%\\ ", "0.00\\ %")
FORMATS = {
    **dict.fromkeys(PLAIN, Shown()),
    **dict.fromkeys(PERCENT, Shown(percent=True)),
    '0.00"%"': Shown(unit="%"),
    "0.0000\\%": Shown(unit="%"),
    "0.00!%": Shown(unit="%"),
    '0.00" %"': Shown(unit="%"),
    '0.00"‰"': Shown(unit="‰"),
    '#,##0.00"万元"': Shown(unit="万元"),
    "0.00\\万\\元": Shown(unit="万元"),
    '0.00" 亿"': Shown(unit="亿"),
    '#,##0.00"元"': Shown(unit="元"),
    '0.00"元"': Shown(unit="元"),
    '0.0000"元"': Shown(unit="元"),
    '"¥"#,##0.00': Shown(),
    "[$¥-804]#,##0.00": Shown(),
    '0!.0,"万"': Shown(scale=4, unit="万"),
    '0!.0000"万元"': Shown(scale=4, unit="万元"),
    '0.00,,"百万元"': Shown(scale=6, unit="百万元"),
    "#,##0,": Shown(scale=3),
    "0!.0,": Shown(scale=4),
    "000000": Shown(zeros=6),
    "00": Shown(zeros=2),
    '"99JH"00000000': Shown(prefix="99JH", zeros=8),
    "\\P000": Shown(prefix="P", zeros=3),
    '0"年"': Shown(),
    '0"月"': Shown(),
}


def meaning(code: str, number: float) -> Shown:
    """How a number is shown under a format."""
    if code == BY_SIZE:
        return Shown(scale=8, unit="亿") if number >= 1e8 else Shown(scale=4, unit="万") if number >= 1e4 else Shown()
    if code == '0.00"%";\\-0.00':
        return Shown(unit="%") if number >= 0 else Shown()
    return FORMATS[code]
