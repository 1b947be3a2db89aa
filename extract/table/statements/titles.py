"""The months that texts around a table name, held against the month of the file name.

Rule: rules.md, report_date. A day that ends its month names that month, any other day is one of printing or signing,
unless it lies shortly before the month.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from string import ascii_uppercase

from extract.table.statements.names import normal_header
from extract.table.statements.units import Text
from extract.workbook.cells import ends

_CHINESE = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2}|[0-9]{2})年(?P<first>[0-9]{1,2})月?(?:(?P<day>[0-9]{1,2})[日号])?"
    r"(?:份|度|末|底)?(?:[-—–~至到](?:(?P<last_year>20[0-9]{2}|[0-9]{2})年)?(?P<last>[0-9]{1,2})月(?:(?P<last_day>[0-9]{1,2})[日号])?)?"
)
_NUMERIC = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})(?P<sep>[-./]?)(?P<first>[0-9]{1,2})(?:(?P=sep)(?P<day>[0-9]{1,2}))?(?![0-9])"
)
_QUARTER = re.compile(r"(?P<year>20[0-9]{2})年?第?(?:(?P<number>[1-4一二三四])季|q(?P<q>[1-4])(?![0-9]))")
_WITHOUT_YEAR = re.compile(
    r"(?<![0-9年近前第过后])(?<!年份:20[0-9]{2}月份:)(?P<month>[0-9]{1,2})月(?:(?P<day>[0-9]{1,2})[日号])?(?!前|以前|内|报|填|上报|提交)"
)
_NUMERAL_WITHOUT_YEAR = re.compile(
    r"(?:^|[(:,;、])(?P<month>十[一二]?|[一二三四五六七八九])月(?:份|度|末|底)?"
    r"(?=$|[),;、]|受托|业绩|报[表告]|月报|数据|情况|统计|企业|职业|年金|规模|收益|净值)"
)
"""十月 and 十月受托业绩, but not the name 五月花."""
_LABELLED = re.compile(r"(?:月份|月度)[::](?P<month>[0-9]{1,2}|十[一二]?|[一二三四五六七八九])(?![0-9月年])")
_DAY_FIRST = re.compile(
    r"(?<![0-9])(?:(?P<one>[0-9]{1,2})(?P<sep>[-./])(?P<two>[0-9]{1,2})(?P=sep)|(?P<month>1[0-2]|0?[1-9])/)"
    r"(?P<year>20[0-9]{2})(?![0-9])"
)
_MINGUO = re.compile(r"(?<![0-9])(?:民国)?(?P<year>1[01][0-9])年(?P<month>[0-9]{1,2})月(?:(?P<day>[0-9]{1,2})[日号])?")
_YEAR_AND_MONTH = re.compile(r"年[份度]?[::]?(?P<year>20[0-9]{2})年?[,;]?月份?[::]?(?P<month>[0-9]{1,2})月?")
_ENGLISH = re.compile(
    r"(?:(?<![a-z])|(?<=of)|(?<=for)|(?<=ended)|(?<=ending)|(?<=to)|(?<=in))(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[-.,']?(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,)?"
    r"(?P<year>20[0-9]{2})(?![0-9])"
)
_BRIEF_ENGLISH = re.compile(
    r"(?<![a-z])(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[-'\u2018\u2019/](?P<year>[23][0-9])(?![0-9])"
    r"|(?<![0-9])(?P<full>20[0-9]{2})m(?P<number>1[0-2]|0?[1-9])(?![0-9])"
    r"|(?<![0-9])(?P<before>20[0-9]{2})[-/.年]?(?P<behind>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?![a-z]{7})"
)
_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_OF_MINGUO = 1911
"""The year before the first one of the calendar of Taiwan."""
_NUMERALS = dict.fromkeys("〇零○o", 0) | {sign: number for number, sign in enumerate("一二三四五六七八九", start=1)}
_SPELLED = re.compile(r"(?P<year>二[〇零○o][〇零○o一二三四五六七八九]{2})年(?P<month>十[一二]?|[一二三四五六七八九])月")
_OF_WRITING = re.compile(
    r"(?:制表|编制|填表|填报|报送|上报|打印|导出|下载|生成|提交|审核|复核|发布|更新|创建|printed|exported|created)"
    r"[^0-9]{0,6}20[0-9]{2}[-./年]?[0-9]{1,2}[-./月]?[0-9]{0,2}日?"
)
OF_BEGINNING = re.compile("自.{0,20}起|成立|设立|新设|生效|通知|办法|发布|签[订署]|受托起|版本?|模板|编号|合同")
"""What a day is of that is none of the figures."""
OF_CHANGE = re.compile("自.{0,20}起(?!至)|变更|更名|移交|开户|终止|转[入出]")
"""What the month in a note is of that is none of the figures: since when something holds, when a plan changed."""
_SHORTLY = timedelta(days=92)


@dataclass(frozen=True)
class Months:
    """The months that a text names, in its order. `spans`: as one span of several, such as a quarter."""

    months: tuple[date, ...]
    spans: bool = False


def months_in(text: str, period: date | None = None) -> Months:
    """The months that a text names; all of a quarter, both ends of another range.

    A month without a year (10月) counts as one of the year of `period`, where that is given.
    """
    return _months_in(ends(text), period)


@lru_cache(maxsize=1024)
def _months_in(text: str, period: date | None) -> Months:
    squeezed = _OF_WRITING.sub("", _with_digits(normal_header(text)))
    found: list[date] = []
    spans = False
    for match in _QUARTER.finditer(squeezed):
        quarter = int(match["q"] or _NUMERALS.get(match["number"], match["number"]))
        found += [date(int(match["year"]), month, 1) for month in range(3 * quarter - 2, 3 * quarter + 1)]
        spans = True
    for match in _CHINESE.finditer(squeezed):
        if "月" not in match[0]:
            continue
        year = match["year"]
        if match["last"]:
            last = _month(match["last_year"] or year, match["last"], match["last_day"])
            first = _month(year, match["first"], None)
            spans |= first != last and bool(last)
            found += first + last if last else []
        else:
            found += _month(year, match["first"], match["day"])
    for match in _NUMERIC.finditer(squeezed):
        if match["sep"] or len(match["first"]) == 2:
            found += _month(match["year"], match["first"], match["day"])
    for match in _ENGLISH.finditer(squeezed):
        found += _month(match["year"], str(_NAMES.index(match["month"]) + 1), match["day"])
    for match in _BRIEF_ENGLISH.finditer(squeezed):
        number = match["number"] or _NAMES.index(match["month"] or match["behind"]) + 1
        found += _month(match["full"] or match["before"] or match["year"], str(number), None)
    for match in _YEAR_AND_MONTH.finditer(squeezed):
        found += _month(match["year"], match["month"], None)
    for match in _DAY_FIRST.finditer(squeezed):
        found += _day_first(match)
    for match in _MINGUO.finditer(squeezed):
        found += _month(str(int(match["year"]) + _FIRST_OF_MINGUO), match["month"], match["day"])
    if not found and period:
        for match in (*_WITHOUT_YEAR.finditer(squeezed), *_NUMERAL_WITHOUT_YEAR.finditer(squeezed)):
            found += _month(str(period.year), _digits(match["month"]), match.groupdict().get("day"))
        for match in _LABELLED.finditer(squeezed):
            found += _month(str(period.year), _digits(match["month"]), None)
    return Months(tuple(dict.fromkeys(found)), spans)


def _with_digits(text: str) -> str:
    """Years and months in Chinese numerals (二〇二四年十一月) as digits."""

    def digits(match: re.Match[str]) -> str:
        year = "".join(f"{_NUMERALS[sign]}" for sign in match["year"])
        return f"{year}年{_digits(match['month'])}月"

    return _SPELLED.sub(digits, text)


def _digits(month: str) -> str:
    """The number of a month in digits or Chinese numerals."""
    if month.isdecimal():
        return month
    return str(10 + _NUMERALS.get(month[1:], 0) if month.startswith("十") else _NUMERALS[month])


def _day_first(match: re.Match[str]) -> list[date]:
    """31.10.2024, 10/31/2024 and 10/2024; of two numbers that may both be the month, none."""
    if match["month"]:
        return _month(match["year"], match["month"], None)
    one, two = int(match["one"]), int(match["two"])
    if (one > 12) == (two > 12):
        return []
    return _month(match["year"], str(min(one, two)), str(max(one, two)))


def _month(year: str, month: str, day: str | None) -> list[date]:
    number = int(year) + (2000 if len(year) == 2 else 0)
    if not 1 <= int(month) <= 12:
        return []
    if day and int(day) != monthrange(number, int(month))[1]:
        return []
    return [date(number, int(month), 1)]


def other_months(titles: Iterable[Text], *periods: date) -> Iterator[tuple[Text, list[date]]]:
    """The titles that name months of which none is one of `periods`, with the months; those of a row once."""
    told: set[tuple[str, tuple[date, ...]]] = set()
    for title in with_rows(titles):
        months = months_in(title.text, periods[0] if len(periods) == 1 else None).months
        said = title.place.lstrip(ascii_uppercase), months
        if months and not set(periods) & set(months) and said not in told:
            told.add(said)
            yield title, list(months)


def days_before(titles: Iterable[Text], period: date) -> Iterator[tuple[Text, list[date]]]:
    """The titles that name no month but a day shortly before `period`: none of printing, since the month was to come.

    The day on which something began or was published is none that the figures are of.
    """
    for title in titles:
        squeezed = normal_header(title.text)
        if OF_BEGINNING.search(squeezed) or months_in(title.text, period).months:
            continue
        matches = [*_CHINESE.finditer(squeezed), *_NUMERIC.finditer(squeezed), *_ENGLISH.finditer(squeezed)]
        found = [day for match in matches or _WITHOUT_YEAR.finditer(squeezed) if (day := _day(match, period))]
        before = [day for day in found if _SHORTLY >= period - day > timedelta(0)]
        if before and not any(day >= period for day in found):
            yield title, before


def _day(match: re.Match[str], period: date) -> date | None:
    """The day that a match names, of the year of `period` where it names none."""
    named = match.groupdict()
    if not named["day"]:
        return None
    year = int(named.get("year") or period.year)
    month = named.get("first") or named["month"]
    try:
        return date(year % 100 + 2000, int(month) if month.isdecimal() else _NAMES.index(month) + 1, int(named["day"]))
    except ValueError:
        return None


def with_rows(titles: Iterable[Text]) -> Iterator[Text]:
    """Titles, and behind those that share a row their texts as one: a year and a month may stand side by side."""
    for _, group in groupby(titles, key=lambda title: re.sub(r"^[A-Z]+(?=[0-9]+$)", "", title.place)):
        texts = list(group)
        yield from texts
        if len(texts) > 1:
            yield Text(texts[0].place, "".join(title.text for title in texts))
