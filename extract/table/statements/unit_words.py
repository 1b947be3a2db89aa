"""Units as people write them beside a table: 单位：万元, （人民币元）, 亿元、%.

Rule: rules.md, Units. Whether a field takes a unit is the field's; here a text is only told to be about units.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

# Patterns are compiled by their first use, since many workbooks state no unit.
_SAYING_NOTHING = (
    r"人民币|rmb|cny|renminbi|本币|计量单位|金额单位|货币单位|币种|单位|unit"
    "|[:=¥\"\u201c\u201d]|['\u2018\u2019](?!000)|均|为|以|计|表示|列示"
)
_OURS = r"(?:[十百千万亿]*元(?:每份)?|[十百千万亿]+|[%‰‱]|[角分])"
CURRENCIES = ("美元", "美金", "欧元", "港元", "港币", "英镑", "日元")
"""Those that a text of other words may name as its unit."""
_CURRENCY = f"[十百千万亿]*(?:{'|'.join(CURRENCIES)})"
_FOREIGN = (
    rf"[十百千万亿]*(?:{'|'.join(CURRENCIES)}|澳元|加元|新加坡元|澳门元|新?台币|卢布|外币|usd|eur|hkd|gbp|jpy|us\$|hk\$"
    r"|[$€£₽]|bps?|基点|份|户|人|个|股|手|吨|笔)"
    r"|(?:(?:hundred|ten|one)*(?:thousands?|millions?|billions?)|[0-9]*k|mn?|mm|mil|mio|mln|bn|wan|qian|yi)(?:of)?(?:yuan|rmb|cny|renminbi)?|yuan|w元?"
    "|['\u2018\u2019]?000s?|[0-9][0-9,]*"
)
_UNIT = rf"(?:{_FOREIGN}|{_OURS})"
_LIST = r"[、,，;；/+及和与|□■☐☑☒√✓✔○●◯]"
_STATEMENT = (
    r"(?P<field>[^:;。,、()\[\]【】]{0,12}?)(?P<kind>计量单位|金额单位|货币单位|单位|unit|币种|货币|currency(?=:)|(?:金额|比例|比率)(?=:))"
    r"(?P<said>[:=\-_—–]|为|是|均为)?"
    r"(?P<units>(?:(?!(?:计量|金额|货币)?单位[:为是]|币种[:为是])[^;。()\[\]【】])*)"
)
_SHOWN_IN = (
    rf"(?P<field>[^:;。,、()\[\]【】]{{0,12}}?)均?[以按用](?:人民币)?(?P<units>{_OURS}|{_CURRENCY}|bps?|基点)"
    r"(?:为单位|计|列|反映|表示|填|编|统计|披露)"
)
_IN_ENGLISH = (
    r"(?:^|(?:amounts?|figures)(?:are|is)?|expressed|stated|rmb|cny|yuan|renminbi|[(\[,;:])in(?:rmb|cny|renminbi|人民币)?"
    rf"(?P<units>{_FOREIGN}|{_OURS})(?![a-z])"
)
_AT_THE_END = r"(?<![:0-9一二三四五六七八九十百千万亿数几近超逾破达过])(?P<units>(?:千|万|百万|亿)元)$"
_OF_A_FIELD = (
    rf"(?P<field>[^:;。,、()\[\]【】]+?)(?:[::]|均?[为以按是])(?:人民币)?(?P<units>{_OURS}|{_CURRENCY}|bps?|基点)"
    r"(?:形式|表示|列示|列报|填列|计|数值|口径|单位)?"
)
_PERCENTAGE = r"百分(?:比|数|点|号)|percent(?:ages?)?"
_PER_SHARE = "元(?:/|每)每?(?:份额?|单位)"
_PERMILLE = "千分(?:比|数|点|号)"
_FILLING = "^(?:以[上下]|上[述表]|下[述表]|[本该此]?表[中内]?(?:的)?|表[中内]|各计划|所有|全部|其中|的|各|均)+"
"""What may stand before the field of a statement: 以下收益率为百分比."""
_BRACKETED = r"[(\[【]([^()\[\]【】]*)[)\]】](?!:[0-9])"
_ORGANISATION = (
    r"(?:编制|填报|报送|报告|制表|填表|主管|"
    r"委托|受托|管理|托管|缴费|参保|所属|发行|使用|开户|收款|付款|用人|成员|下属)$"
)
_COUNTED = frozenset("份户人个股手吨笔kmKMw")
"""Units that begin many other words too."""
_NEXT_FIELD = r"[,、;](?=[^,、;:]{1,8}单位[:为是])|(?<=[元万亿%‰])(?=[^,、;:元万亿%‰]{1,8}单位[:为是])"
_REMARK = r"^备?注[0-9]*[::]"
_ROUNDED = "(?:精确|四舍五入|取整|舍入)(?:到|至)?[十百千万亿]*元"
"""How figures are rounded, not what they are in."""
_COUNTS = re.compile("[十百千万亿]*[份户人个家笔]")
_LONGEST = 12


@dataclass(frozen=True)
class UnitStatement:
    """A text that states units. `field` is the word before it that may name one field; "" where it is for all.

    `only_named`: it is a statement only where that word names a field (规模：万元, but not 增长：%).
    """

    units: tuple[str, ...]
    field: str = ""
    only_named: bool = False


def units_in(text: str) -> tuple[str, ...]:
    """The units that a text of nothing else lists, without what says nothing beside them, such as 人民币."""
    parts = (re.sub(_SAYING_NOTHING, "", part) for part in re.split(_LIST, with_signs(text)))
    return tuple(dict.fromkeys(part for part in parts if part))


def looks_like_unit(text: str) -> bool:
    """Whether a text is made like a unit, of ours or not: it must not be passed over."""
    units = units_in(text)
    if not units:
        return "人民币" in text
    if all(unit.replace(",", "").isdecimal() for unit in units):
        return False  # a number, or a date such as 2024/11/30
    if len(text) == 1 and text.isascii() and text.isalpha():
        return False  # a letter, such as the name of a sheet
    return len(text) <= _LONGEST and all(re.fullmatch(_UNIT, unit) for unit in units)


def statements_in(text: str) -> list[UnitStatement]:
    """The statements of units in a text above, below or beside a table; a normal header text in.

    单位：万元 states one, and so does a bracket of amounts (情况表（万元）) or a text that is nothing but units. A
    bracket of % alone is a remark, since a title is about more than shares. 填报单位：某公司 names an organisation,
    单位净值 a figure.
    """
    return list(_statements_in(text))


@lru_cache(maxsize=1024)
def _statements_in(text: str) -> tuple[UnitStatement, ...]:
    text = re.sub(_ROUNDED, "", with_signs(text))
    found: list[UnitStatement] = []
    for part in re.split(_NEXT_FIELD, text):
        for match in re.finditer(_STATEMENT, part):
            units = _leading_units(match["units"])
            if units and not re.search(_ORGANISATION, match["field"]):
                found.append(UnitStatement(units, _field(re.sub(r"^[0-9.]+|[的之中]$", "", match["field"]))))
    found += (UnitStatement((match["units"],), _field(match["field"])) for match in re.finditer(_SHOWN_IN, text))
    found += (UnitStatement((match["units"],)) for match in re.finditer(_IN_ENGLISH, text))
    if not found and looks_like_unit(text):
        return (UnitStatement(units_in(text)),) if units_in(text) else ()
    if not found:
        inside = (units_in(inside) for inside in re.findall(_BRACKETED, text) if looks_like_unit(inside))
        found += (UnitStatement(units) for units in inside if units and not set("".join(units)) <= set("%‰"))
    if not found and (ending := re.search(_AT_THE_END, text)):
        found.append(UnitStatement((ending["units"],)))
    parts = (re.fullmatch(_OF_A_FIELD, re.sub(_REMARK, "", part)) for part in re.split(r"[;。,、()\[\]【】]", text))
    named = (UnitStatement((match["units"],), _field(match["field"]), only_named=True) for match in parts if match)
    return (*found, *named)


def _field(text: str) -> str:
    return re.sub("(?:量级|口径|数据|数值|数额|计量)$", "", re.sub(_FILLING, "", text))


def is_count(unit: str) -> bool:
    """Whether a unit counts people or shares: 户, 万份."""
    return _COUNTS.fullmatch(unit) is not None


def with_signs(text: str) -> str:
    """A text with the signs of percentages in the place of their words (百分数 is %), and 元每份 for 元/份."""
    return re.sub(_PER_SHARE, "元每份", re.sub(_PERMILLE, "‰", re.sub(_PERCENTAGE, "%", text)))


def is_statement(text: str) -> bool:
    """Whether a text in the header row states units; 期初规模(万元) is the header of a column that is not read.

    A normal header text in.
    """
    bare = text.strip("()[]【】")
    match = re.match(_STATEMENT, bare)
    return looks_like_unit(bare) or bool(match and not match["field"] and _leading_units(match["units"]))


def _leading_units(text: str) -> tuple[str, ...]:
    """The units that a text begins with; what follows them (a date, a remark) ends the list."""
    units = []
    for part in re.split(_LIST, text) if not re.match(r"[^0-9]{0,4}[0-9]", text) else [text]:
        rest = re.sub(_SAYING_NOTHING, "", part)
        match = re.match(_UNIT, rest)
        if not match or (match[0] in _COUNTED and match[0] != rest):
            break
        units.append(match[0])
        rest = rest[match.end() :]
        if rest and (further := re.fullmatch(_OURS, rest)):  # only white space stood between them
            units.append(further[0])
        elif rest:
            break
    return tuple(dict.fromkeys(units))
