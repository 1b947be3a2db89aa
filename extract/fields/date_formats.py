"""Declared formats of dates and spans: `{DD}/{MM}/{YYYY}`, `{MON}-{YY}`, `Q{Q} {YYYY}`; the rest stands for itself.

In brackets: YYYY or YY (70 to 99 are of the 20th century), MM or M (one digit or two), DD or D, MON (a word of
`month_words` of the configuration), Q (a quarter: 1 to 4, or I to IV), H (a half: 1 or 2, or I or II).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from extract.fields.base import Words, compared
from extract.workbook.cells import printed

_TOKENS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<short>[0-9]{2})",
    "MM": "(?P<month>[0-9]{2})",
    "M": "(?P<month>[0-9]{1,2})",
    "DD": "(?P<day>[0-9]{2})",
    "D": "(?P<day>[0-9]{1,2})",
    "MON": r"(?P<word>[^\W\d_](?:[^\d]*[^\W\d_])?\.?)",
    "Q": "(?P<quarter>[1-4]|i{1,3}|iv)",
    "H": "(?P<half>[12]|i{1,2})",
}
_TOKEN = re.compile(r"\{([^{}]*)\}")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_CENTURY = 70


@dataclass(frozen=True)
class Span:
    """So many months from one on; `day` is a day of it, where one is named."""

    year: int
    number: int
    months: int
    day_number: int | None = None

    @property
    def first_month(self) -> date:
        """First day of the first month."""
        return date(self.year, self.number, 1)

    @property
    def last_month(self) -> date:
        """First day of the last month."""
        return date(self.year, self.number + self.months - 1, 1)

    @property
    def day(self) -> date | None:
        """The day that is named."""
        return None if self.day_number is None else date(self.year, self.number, self.day_number)

    def __str__(self) -> str:
        if self.day:
            return self.day.isoformat()
        ends = f"{self.first_month:%Y-%m}", f"{self.last_month:%Y-%m}"
        return ends[0] if self.months == 1 else f"{ends[0]} to {ends[1]}"


@dataclass(frozen=True)
class DateFormat:
    """One format. `spelling` is how it was declared."""

    spelling: str
    pattern: re.Pattern[str]

    def read(self, text: str, words: Words) -> Span | None:
        """What a text names, after NFKC, in small letters; None where it is not of this format.

        Raises ValueError for a word that is no month, and for a month or day that does not exist.
        """
        match = self.pattern.fullmatch(text)
        if not match:
            return None
        groups = match.groupdict()
        year = _year(groups)
        if word := groups.get("word"):
            return _checked(year, _month_of_word(word, words), 1, groups.get("day"))
        if month := groups.get("month"):
            return _checked(year, int(month), 1, groups.get("day"))
        if quarter := groups.get("quarter"):
            return Span(year, 3 * _number(quarter) - 2, 3)
        if half := groups.get("half"):
            return Span(year, 6 * _number(half) - 5, 6)
        return Span(year, 1, 12)


@lru_cache(maxsize=256)
def date_format(spelling: str) -> DateFormat:
    """A declared format. Raises ValueError for one that names no year, or a token that there is not."""
    parts = _TOKEN.split(spelling)
    if unknown := next((token for token in parts[1::2] if token not in _TOKENS), None):
        raise ValueError(f"{spelling} holds {{{unknown}}}; there are {', '.join(f'{{{name}}}' for name in _TOKENS)}")
    if not {"YYYY", "YY"} & set(parts[1::2]):
        raise ValueError(f"{spelling} names no year: it needs {{YYYY}} or {{YY}}")
    pattern = "".join(_TOKENS[part] if index % 2 else re.escape(_spaced(part)) for index, part in enumerate(parts))
    try:
        return DateFormat(spelling, re.compile(pattern))
    except re.error:
        raise ValueError(f"{spelling} names one thing twice") from None


def _spaced(literal: str) -> str:
    """What stands between tokens, in the form of the texts that are compared; blanks at its ends stay."""
    inner = printed(literal).casefold()
    return f"{' ' * literal[:1].isspace()}{inner}{' ' * bool(inner and literal[-1:].isspace())}"


def month_of_word(word: str, words: Words) -> int | None:
    """The number of a month that a word names, with or without a dot behind it; None for no such word."""
    name = compared(word)
    return words.months.get(name) or words.months.get(name.removesuffix("."))


def _month_of_word(word: str, words: Words) -> int:
    number = month_of_word(word, words)
    if number is None:
        raise ValueError(f"names the month {word}, which month_words of the configuration does not hold")
    return number


def _year(groups: dict[str, str | None]) -> int:
    if year := groups.get("year"):
        return int(year)
    short = int(groups["short"] or 0)
    return short + (1900 if short >= _CENTURY else 2000)


def _checked(year: int, month: int, months: int, day: str | None) -> Span:
    if not (1 <= month <= 12 and year) or (day is not None and not 1 <= int(day) <= monthrange(year, month)[1]):
        raise ValueError("names a day or month that does not exist")
    return Span(year, month, months, None if day is None else int(day))


def _number(digits: str) -> int:
    return _ROMAN.get(digits) or int(digits)
