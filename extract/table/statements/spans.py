"""The spans of time other than a month, and the figures other than a plan's, that texts around a table name.

Rule: rules.md, Where people state things elsewhere (`other_span`).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from extract.table.statements.names import normal_header
from extract.table.statements.titles import months_in
from extract.table.statements.units import Text
from extract.wording import Sentence

_NUMBER = "[0-9一二三四五六七八九十两]+"
_MONTH = "(?:1[0-2]|0?[1-9])"
SPAN = re.compile(
    r"累计(?!净值|单位)|(?<![未非不])(?<!未经|不含|不作)年化|年累|年初|本年(?!度?报)|上年|去年|上月|上期|上季|上一[期月季年]|昨日|同期|期初|前值"
    rf"|(?:成立|设立|运作|建仓|投资|今年|自?本年)(?:以来|至今)|(?:最?近|过去){_NUMBER}个?[年月季]|前{_NUMBER}个月"
    r"|(?:今年|当年|全年|历史)(?:累计|收益|业绩|回报|净值|规模|数据|$|[)）])|[上下]半年|本季|当季|[一二三四1-4]季度|季度(?:收益|业绩)"
    rf"|(?<![0-9年./-]){_MONTH}[-—–~至到]{_MONTH}月|[一二三四五六七八九十][至到][一二三四五六七八九十]+月"
    r"|ytd|qtd|(?<![a-z0-9])[0-9]{1,2}[my](?![a-z0-9])|yeartodate|inception|lastmonth|lastyear|previous|prior"
)
_OTHER_SPAN = re.compile(
    rf"{SPAN.pattern}|{_NUMBER}年期|(?:半?年|季)报(?![告送表期])|annuali[sz]ed|benchmark"
    r"|基准|预期|目标(?!日期|风险)|预计|预测|预估|模拟|测算|费前|复权|净值(?:[为指系是:均]|采用|按)+累计"
)
STATING_A_SPAN = re.compile(
    rf"(?:收益率?|净值|规模|数据?|业绩)(?:[为是系按指:用]|均为|沿用|采用|取自)+[^,。;]{{0,6}}?(?:{_OTHER_SPAN.pattern})"
)
"""In a remark, which may tell of other spans in passing, a span that the figures are of."""
STATING_A_MONTH = re.compile(
    r"(?:收益率?|净值|规模|数据?|业绩|估值)(?:为|是|系|按|截[至止]|取自?|沿用|采用)+[^,。;]{0,8}?[0-9]{1,2}月"
    r"|^(?:20[0-9]{2}年)?[0-9]{1,2}月[末底]?(?:净值|数据?|规模|业绩)$"
)
"""The same of a month."""
MONTH_ALONE = re.compile("(?:20[0-9]{2}年)?[0-9]{1,2}月[末底]?")
_EARLIER = "(?:上[月年期季]|上一[期月季年]|去年|年初|期初|昨日)(?:度?末|底|初|同期)?+"
_IN_PASSING = re.compile(
    rf"[较比]{_EARLIER}(?!(?:变[动化]|增[减幅]|差[额异]|涨跌|增长[率额])?[额幅率]?$)"
    rf"|与{_EARLIER}(?=(?:相比|比较|对比|差异|不一致).)"
    r"|(?:[低高优劣]于|跑[赢输]|超[过越]|落后|不及|达到)[^,。;]{0,6}(?:基准|目标|预期)|(?<=[-/(])期初(?:单位)?(?:净值|规模|资产)"
)
"""In a note, what figures are compared with or divided by, though of the month; 较上月变动 alone heads others."""
_OTHER_FIGURES = re.compile(
    "同业|行业|市场(?!价值)|指数|沪深|中证|考核|超额|调整前|重述前|^(?:投资)?组合(?:层面|情况|业绩)?$|^t-[0-9]$|^[季年]度$"
)
"""What over a measure says, beside a span, that it is none of the plan in the month; in a title it may say anything."""

_YEAR = re.compile("(?:20)?[0-9]{2}年度?")


def other_spans(titles: Iterable[Text], notes: Iterable[Text], period: date | None) -> Iterator[tuple[Text, str]]:
    """The texts that say that the figures may be of another span than the month, each with what it says.

    Notes may compare the figures with those of another span (规模较上月减少系支付待遇); a title that does so is told.
    """
    said = [(title, normal_header(title.text)) for title in titles]
    said += [(note, _IN_PASSING.sub("", normal_header(note.text))) for note in notes]
    for title, text in said:
        word = _OTHER_SPAN.search(text)
        named = months_in(title.text, period)
        if word:
            yield title, word[0]
        elif named.spans and (period is None or period in named.months):
            first, last = (f"{month:%Y-%m}" for month in (named.months[0], named.months[-1]))
            yield title, Sentence("{first} to {last}", first=first, last=last)


def is_of_another_span(group: str, columns: int, period: date | None) -> bool:
    """Whether the group over some columns says that their figures are not those of the plans in the month.

    A year over one column alone may be part of a title.
    """
    text = normal_header(group)
    if _OTHER_SPAN.search(text) or _OTHER_FIGURES.search(text) or (columns > 1 and _YEAR.fullmatch(text)):
        return True
    named = months_in(group, period)
    return named.spans or (period is not None and bool(named.months) and period not in named.months)


def names_another_span(text: str) -> bool:
    """Whether a text is about a span other than a month, such as 本年累计."""
    return _OTHER_SPAN.search(normal_header(text)) is not None
