"""What in a text around a table may be a unit, though it states none in words that are known, or takes one back.

Rule: rules.md, Units. Such a text is told.
"""

import re

from extract.table.statements.names import normal_header
from extract.table.statements.unit_words import CURRENCIES
from extract.workbook.cells import ends

_AMOUNT = re.compile(
    r"(?<![0-9.,%两一二三四五六七八九十百千万亿数几多余近超逾破达过])[十百千万亿]+元|['\u2019]000s?(?![0-9])"
    rf"|(?<![0-9.,十百千万亿])(?:{'|'.join(CURRENCIES)})(?!债|基金|资产|存款|理财)|(?<![a-z])(?:usd|hkd|eur|gbp|jpy)(?![a-z])"
    r"|[x\u00d7*]\s*10(?:000|\^|[²-⁹])|10\^[0-9]|10[⁰-⁹]|'0,?000"
    r"|(?<![a-z0-9,.])000s|(?<![a-z])(?:millions?|thousands?|billions?|bn|mn)(?![a-z])"
)
"""What in a text around a table may be the unit of its amounts; 3亿元 is an amount itself."""
_OF_SHARES = re.compile(
    r"(?:收益|回报|业绩|return)[^0-9]{0,12}?(?:百分|[%‰]|bps?(?![a-z])|基点|[千万]分[比之数]|[x\u00d7*乘]以?100(?![0-9]))"
)
"""What may be the unit of returns; 收益率5% is a return itself."""
_EXCEPTION = re.compile("除([^,，。;；]{1,24}?)(?:以|之)?外|([^(（),，。:：;；]{1,12}?)除外")


def may_name_a_unit(text: str) -> bool:
    """Whether a text names what may be a unit of amounts or of returns."""
    normal = normal_header(text)
    return bool(_AMOUNT.search(normal) or _AMOUNT.search(ends(text).lower()) or _OF_SHARES.search(normal))


def excepts(text: str) -> list[str]:
    """What a text excepts from what it says: 除规模外，单位为元."""
    return ["".join(match) for match in _EXCEPTION.findall(ends(text))]
