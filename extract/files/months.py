"""The months that a file name holds: at the places that the domain's pattern knows, and beside them.

Rule: rules.md, report_date. A day beside a month is no period; two months, or a range of them, are none either.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from unicodedata import normalize

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_NUMERALS = {name: number for number, name in enumerate((*"一二三四五六七八九十", "十一", "十二"), start=1)}
_READ = "·"
"""Stands in a name where something has been read already."""

_YYYY, _CHINESE_YEAR = r"(?<![0-9])(?P<year>20[0-9]{2})", r"(?<![0-9])(?P<year>[0-9]{4}|[0-9]{2})\s*年\s*"
_M, _MM, _DD = "(?:1[0-2]|0?[1-9])", "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])"
_CHINESE_MONTH = rf"(?P<month>{_M}|十[一二]?|[一二三四五六七八九])\s*月"
_TO = r"\s*(?:[-~\u2013\u2014至到、,&+和与及]|to)+\s*"
_TIME = "(?:T[0-9]{4,6}|[0-9]{9}|[0-9]{6}|[0-9]{4}|[0-9]{2})?(?![0-9])"


def _any(*spellings: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(spelling, re.IGNORECASE) for spelling in spellings)


_CODES = _any(
    r"(?<![0-9])[0-9]+[A-Z]{2,6}[0-9]{6,}",  # 99JH00000123
    r"(?<![A-Z])V[0-9]+(?:\.[0-9]+)*",
)
_SPANS = _any(
    _CHINESE_YEAR + r"(?:第?(?P<quarter>[一二三四1-4])季|Q(?P<q>[1-4])(?![0-9])|(?P<half>[上下])半年)",
    _CHINESE_YEAR + rf"前?(?P<first>{_M})个月",
    _YYYY + r"[-_. ]?(?:Q(?P<q>[1-4])(?![0-9])|第?(?P<quarter>[一二三四])季|(?P<half>[上下])半年)",
)
_DAYS = _any(
    _CHINESE_YEAR + rf"(?P<month>{_M})\s*月\s*[0-9]{{1,2}}\s*[日号]",
    _YYYY + rf"(?P<separator>[-_.])(?P<month>{_M})(?P=separator)(?:3[01]|[12][0-9]|0?[1-9])(?![0-9月])",
    _YYYY + rf"[-_.]?(?P<month>{_MM}){_DD}{_TIME}",
)
_MONTHS = _any(
    _CHINESE_YEAR + _CHINESE_MONTH,
    _CHINESE_YEAR + rf"(?P<month>{_M})(?![0-9])",
    _YYYY + rf"[-_.](?P<month>{_M})(?![0-9])月?",
    _YYYY + rf"(?P<month>{_MM})(?![0-9])月?",
)
_DAYS_OF_NO_YEAR = _any(rf"(?<![0-9]){_M}月[0-9]{{1,2}}[日号]")
_MONTHS_OF_NO_YEAR = _any(rf"(?<![0-9]){_CHINESE_MONTH}")
_UNTIL = re.compile(
    rf"{_TO}(?:{_M}月?{_TO})*(?:[次翌同]年)?{_CHINESE_MONTH}(?:[0-9]{{1,2}}[日号])?|{_TO}(?P<plain>{_MM})(?![0-9])"
)
"""The end of a range behind its first month, without a year of its own: -11月, 至11月, -11."""
_BETWEEN = re.compile(_TO)


@dataclass(frozen=True)
class _Found:
    """The months that stand at `start` to `end` of a name; those of days count only where there are no others."""

    start: int
    end: int
    months: tuple[date, ...]
    is_day: bool = False


def months_in_name(
    name: str, pattern: re.Pattern[str], words: Mapping[str, int] = MappingProxyType({})
) -> tuple[date, ...]:
    """The months that may be the period of a file, oldest first: none, the one it is, or several, which is an error.

    None where `pattern`, which has the named groups year and month, finds no month in the name. `words` (in the form of
    `plain_word`) are names of months that its group month may find.
    """
    name = normalize("NFC", name)
    text = _blanked(name.translate(_FULL_WIDTH), _CODES)
    spelled, without_year = _spelled(text)
    if not (places := list(_places("".join(map(_either, name, text)), pattern, spelled, words))):
        return ()
    found = [*spelled, *places]
    of_months = {month for item in found if not item.is_day for month in item.months}
    months = of_months or {month for item in found for month in item.months}
    last = max(months)
    for number in without_year - {month.month for month in months}:
        earlier = not of_months and number > last.month  # beside a day in January, 12月 is that before it
        months.add(date(last.year - earlier, number, 1))
    return tuple(sorted(months))


def _either(original: str, read: str) -> str:
    return read if read == _READ else original


def _places(name: str, pattern: re.Pattern[str], spelled: list[_Found], words: Mapping[str, int]) -> Iterator[_Found]:
    """Where the pattern finds a month, one place after the other, also where it is anchored and matches once."""
    while match := pattern.search(name):
        if not match["year"] or not match["month"]:  # optional groups
            return
        start = min(match.start("year"), match.start("month"))
        end = max(match.end("year"), match.end("month"))
        item = next((item for item in spelled if item.start < end and start < item.end), None)
        if item is None and (month := _month(match["year"], match["month"], words)):
            in_a_longer_number = name[end : end + 1].isdigit()
            item = _Found(start, end, (month,), is_day=in_a_longer_number)
        if item:
            yield item
            start, end = min(start, item.start), max(end, item.end)
        if _READ * (end - start) == name[start:end]:  # nothing is left there to read
            return
        name = _blank(name, start, end)


def _spelled(text: str) -> tuple[list[_Found], set[int]]:
    """What the spellings of this module find, in the order of the name, and the numbers of months without a year."""
    found: list[_Found] = []
    for spellings, read in ((_SPANS, _span), (_DAYS, _day), (_MONTHS, _from_month)):
        for spelling in spellings:
            while match := spelling.search(text):
                item = read(match, text)
                found.append(item)
                text = _blank(text, item.start, item.end)
    text = _blanked(text, _DAYS_OF_NO_YEAR)
    without_year = {_number(match["month"]) for spelling in _MONTHS_OF_NO_YEAR for match in spelling.finditer(text)}
    found.sort(key=lambda item: item.start)
    ranges = [
        _Found(first.start, second.end, _months_to(first.months[0], second.months[-1]))
        for first, second in pairwise(found)
        if not first.is_day and not second.is_day and _BETWEEN.fullmatch(text, first.end, second.start)
    ]
    return found + ranges, without_year


def _span(match: re.Match[str], _text: str) -> _Found:
    groups = match.groupdict()
    first, last = 1, 12
    if quarter := groups.get("quarter") or groups.get("q"):
        last = 3 * _number(quarter)
        first = last - 2
    elif half := groups.get("half"):
        first, last = (1, 6) if half == "上" else (7, 12)
    else:
        last = int(groups["first"])
    year = _year(match["year"])
    return _Found(match.start(), match.end(), _months_to(date(year, first, 1), date(year, last, 1)))


def _day(match: re.Match[str], text: str) -> _Found:
    return _from_month(match, text, is_day=True)


def _from_month(match: re.Match[str], text: str, is_day: bool = False) -> _Found:
    """A month, and the range that begins with it where one does."""
    first = date(_year(match["year"]), _number(match["month"]), 1)
    until = _UNTIL.match(text, match.end())
    number = _number(until["month"] or until["plain"]) if until else 0
    if not until or (until["plain"] and (is_day or number <= first.month)):  # 202411-02 is a copy
        return _Found(match.start(), match.end(), (first,), is_day)
    last = date(first.year + (number < first.month), number, 1)
    return _Found(match.start(), until.end(), _months_to(first, last), is_day)


def _months_to(first: date, last: date) -> tuple[date, ...]:
    """All months of a range; its two ends where they come in another order."""
    count = (last.year - first.year) * 12 + last.month - first.month
    if not 0 <= count <= 120:
        return first, last
    numbers = range(first.month - 1, first.month + count)
    return tuple(date(first.year + number // 12, number % 12 + 1, 1) for number in numbers)


def plain_word(text: str) -> str:
    """A word in the form in which words of names are compared."""
    return "".join(normalize("NFKC", text).casefold().split())


def _month(year: str, month: str, words: Mapping[str, int]) -> date | None:
    try:
        return date(_year(year), words.get(plain_word(month)) or int(month), 1)
    except ValueError:
        return None


def _year(digits: str) -> int:
    return int(digits) + (2000 if int(digits) < 100 else 0)


def _number(month: str) -> int:
    return _NUMERALS.get(month) or int(month)


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + _READ * (end - start) + text[end:]


def _blanked(text: str, spellings: tuple[re.Pattern[str], ...]) -> str:
    for spelling in spellings:
        text = spelling.sub(lambda match: _READ * len(match[0]), text)
    return text
