"""Units as people write them beside a table: 单位：万元, （人民币元）, 亿元、%.

Rule: rules.md, Units. Whether a field takes a unit is the field's; here a text is only told to be about units.
"""

import re
from dataclasses import dataclass

_SAYING_NOTHING = re.compile(
    r"人民币|rmb|cny|本币|计量单位|金额单位|货币单位|币种|单位|unit|[:=]|均|为|以|计|表示|列示"
)
_OURS = r"(?:[十百千万亿拾佰仟萬億]*[元圆圓]|[十百千万亿拾佰仟萬億]+|[%‰‱]|[角分])"
_FOREIGN = (
    r"[十百千万亿]*(?:美元|美金|欧元|港元|港币|英镑|日元|澳元|加元|新加坡元|澳门元|台币|卢布|外币|usd|eur|hkd|gbp|jpy|us\$|hk\$"
    r"|[$€£₽]|bps?|基点|份|户|人|个|股|手|吨|笔)"
    r"|(?:k|mn?|bn|million|billion|thousands?)|[0-9][0-9,]*"
)
_UNIT = re.compile(rf"(?:{_FOREIGN}|{_OURS})")
_LIST = re.compile(r"[、,，;；/+及和与|]")
_STATEMENT = re.compile(
    r"(?P<field>[^:;。,、()\[\]【】]{0,12}?)(?P<kind>计量单位|金额单位|货币单位|单位|unit|币种|货币|金额(?=:))"
    r"(?P<said>:|为|是|均为|=)?(?P<units>[^;。()\[\]【】]*)"
)
_EXPRESSED = re.compile(
    r"(?P<field>[^:;。,、()\[\]【】]{0,12}?)(?:均|都|统一)?以(?P<units>[^;。()\[\]【】以]{1,12}?)"
    r"(?:为(?:计量|计价|货币|金额)?单位|列示|列报|填列|填报|表示|计[价算量]?)(?:[,;。)\]]|$)"
)
"""金额以人民币万元列示, 以万元为单位."""
_LABELLED = re.compile(r"(?:单位|unit)[(\[【]([^()\[\]【】]*)[)\]】]")
_BRACKETED = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]")
_ORGANISATION = re.compile(
    r"(?:编制|填报|报送|报告|制表|填表|主管|委托|受托|管理|托管|缴费|参保|所属|发行|使用|开户|收款|付款|用人|成员|下属)$"
)
_COUNTED = frozenset("份户人个股手吨笔kmKM")
"""Units that begin many other words too."""
_NEXT_FIELD = re.compile(r"[,、;](?=[^,、;:]{1,8}单位[:为是])")
_LONGEST = 12


@dataclass(frozen=True)
class UnitStatement:
    """A text that states units. `field` is the word before it that may name one field; "" where it is for all."""

    units: tuple[str, ...]
    field: str = ""


def units_in(text: str) -> tuple[str, ...]:
    """The units that a text of nothing else lists, without what says nothing beside them, such as 人民币."""
    parts = (_SAYING_NOTHING.sub("", part) for part in _LIST.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def looks_like_unit(text: str) -> bool:
    """Whether a text is made like a unit, of ours or not: it must not be passed over."""
    units = units_in(text)
    if not units:
        return "人民币" in text
    return len(text) <= _LONGEST and not text.isdecimal() and all(_UNIT.fullmatch(unit) for unit in units)


def statements_in(text: str) -> list[UnitStatement]:
    """The statements of units in a text, wherever it stands; a normal header text in.

    单位：万元 states one, and so does 以万元列示, or a text that is nothing but units. 填报单位：某公司 names an
    organisation, 单位净值 a figure, and 缴费（万元） a column with its own unit.
    """
    found = []
    for part in _NEXT_FIELD.split(text):
        for match in _STATEMENT.finditer(part):
            units = _leading_units(match["units"])
            if units and not _ORGANISATION.search(match["field"]):
                found.append(UnitStatement(units, re.sub(r"^[0-9.]+|[的之中]$", "", match["field"])))
        said = None if found else _EXPRESSED.search(part)
        if said and looks_like_unit(said["units"]):
            found.append(UnitStatement(units_in(said["units"]), said["field"]))
    inside = [units_in(inside) for inside in _LABELLED.findall(text) if looks_like_unit(inside)]
    found = found or [UnitStatement(units) for units in inside if units]
    if not found and looks_like_unit(text) and units_in(text):
        found.append(UnitStatement(units_in(text)))
    return found


def title_statements_in(text: str) -> list[UnitStatement]:
    """The statements of units in a text above or below a table; there a bracket of amounts states one too.

    So does 情况表（万元）. A bracket of % alone is a remark, since a title is about more than shares.
    """
    if found := statements_in(text):
        return found
    inside = (units_in(inside) for inside in _BRACKETED.findall(text) if looks_like_unit(inside))
    return [UnitStatement(units) for units in inside if units and not set("".join(units)) <= set("%‰")]


def _leading_units(text: str) -> tuple[str, ...]:
    """The units that a text begins with; what follows them (a date, a remark) ends the list."""
    units = []
    for part in _LIST.split(text) if not re.match(r"[^0-9]{0,4}[0-9]", text) else [text]:
        rest = _SAYING_NOTHING.sub("", part)
        match = _UNIT.match(rest)
        if not match or (match[0] in _COUNTED and match[0] != rest):
            break
        units.append(match[0])
        rest = rest[match.end() :]
        if rest and (further := re.fullmatch(_OURS, rest)):  # only white space stood between them
            units.append(further[0])
        elif rest:
            break
    return tuple(dict.fromkeys(units))
