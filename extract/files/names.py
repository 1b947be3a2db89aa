"""The period that a file name gives by the named groups of the domain's pattern: a month, a quarter, a half or a year.

Rule: rules.md, report_date. A pattern without such groups tells which files are meant, and no period.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from unicodedata import normalize

from extract.config import DomainConfig
from extract.files.months import months_in_name, plain_word
from extract.foreign import shown
from extract.wording import Sentence

NOT_MATCHED = Sentence("its name does not match the pattern of the domain")
_ORDINALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_MONTHS_OF = {"quarter": 3, "half": 6}


@dataclass(frozen=True)
class NameMonths:
    """The months that a name may be of, oldest first; `problem` says why there is none where there should be one."""

    months: tuple[date, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Names:
    """How the files of a domain are named. `words` are names of months, `last` tells which one stands for a span."""

    pattern: re.Pattern[str]
    words: Mapping[str, int] = field(default_factory=dict)
    last: bool = True

    def read(self, name: str) -> NameMonths:
        """The months of one name."""
        groups = self.pattern.groupindex.keys()
        match = self.pattern.search(normalize("NFC", name))
        if "month" in groups:
            months = months_in_name(name, self.pattern, self.words)
        elif match and "year" in groups:
            months = self._of_span(match)
        elif match:
            return NameMonths()
        else:
            months = ()
        if months:
            return NameMonths(months)
        return NameMonths(problem=_told(match) if match else NOT_MATCHED)

    def _of_span(self, match: re.Match[str]) -> tuple[date, ...]:
        """The month that stands for the quarter, half or year of a name; none where they do not exist."""
        groups = match.groupdict()
        name = next((name for name in _MONTHS_OF if name in groups), None)
        months = _MONTHS_OF[name] if name else 12
        number = _ordinal(groups[name]) if name else 1
        year = _year(groups["year"])
        if not number or year is None or months * number > 12:
            return ()
        return (date(year, months * number if self.last else months * (number - 1) + 1, 1),)


def names_of(config: DomainConfig) -> Names:
    """How the files of a domain are named, by its configuration."""
    words = {plain_word(word): number for word, number in config.month_words.items()}
    return Names(re.compile(config.pattern, re.IGNORECASE), words, config.month_of_span == "last")


def _told(match: re.Match[str]) -> str:
    """What a name that matches has in place of a period."""
    groups = {name: match[name] for name in ("year", "quarter", "half", "month") if name in match.re.groupindex}
    said = ", ".join(f"{name} {shown(text)}" if text else f"no {name}" for name, text in groups.items())
    return Sentence("its name matches the pattern of the domain but gives no valid period ({said})", said=said)


def _ordinal(text: str | None) -> int:
    """The number of a quarter or half; 0 for none."""
    name = plain_word(text or "")
    return _ORDINALS.get(name) or (int(name) if re.fullmatch("[1-4]", name) else 0)


def _year(text: str | None) -> int | None:
    """A year of four digits, or of two in this century; None for none."""
    if not text or not re.fullmatch("[0-9]{2}|[1-9][0-9]{3}", text):
        return None
    return int(text) + (2000 if len(text) == 2 else 0)
