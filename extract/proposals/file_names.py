"""Which files a domain is read from: a pattern made of the name of one of them, with the period that it names."""

import re
from dataclasses import dataclass
from unicodedata import normalize

from extract.proposals.month_words import LANGUAGES

_YEAR, _TWO = r"(?P<year>20\d{2}|19\d{2})", r"(?P<year>\d{2})"
_MONTH = r"(?P<month>0[1-9]|1[0-2])"
_SHAPES = (
    (rf"(?<!\d){_YEAR}(?P<sep>年)(?P<month>1[0-2]|0?[1-9])(?=月)", r"(?P<year>20\d{2})年(?P<month>1[0-2]|0?[1-9])"),
    (rf"(?<!\d){_YEAR}(?P<sep>[-_. ]?)Q(?P<quarter>[1-4])(?!\d)", r"(?P<year>20\d{2})[-_. ]?Q(?P<quarter>[1-4])"),
    (rf"(?<!\d){_YEAR}(?P<sep>[-_. ]?)H(?P<half>[12])(?!\d)", r"(?P<year>20\d{2})[-_. ]?H(?P<half>[12])"),
    (rf"(?<!\d){_YEAR}(?P<sep>[-_.]?){_MONTH}(?P<day>[-_.]?\d{{2}})(?!\d)",
     r"(?P<year>20\d{2})[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?\d{2}"),
    (rf"(?<!\d){_YEAR}(?P<sep>[-_. ]?){_MONTH}(?!\d)", r"(?P<year>20\d{2})[-_. ]?(?P<month>0[1-9]|1[0-2])"),
    (rf"(?<!\d){_MONTH}(?P<sep>[-_. ]){_YEAR}(?!\d)", r"(?P<month>0[1-9]|1[0-2])[-_. ](?P<year>20\d{2})"),
)  # fmt: skip
"""What a name may hold, and the pattern for it, the more particular first."""
_ENDING = r"\.(xlsx|xlsm|xlsb|xls|ods|csv|tsv)$"


@dataclass(frozen=True)
class NamePattern:
    """A pattern for the names of files; `has_period` tells whether it finds one, by these words of months."""

    pattern: str
    has_period: bool
    month_words: dict[str, int]


def name_pattern(name: str) -> NamePattern:
    """The pattern that the name of a workbook suggests: its words as they stand, its period as groups."""
    stem = normalize("NFC", name.rpartition(".")[0] or name)
    for shape, group in _SHAPES:
        if match := re.search(shape, stem, re.IGNORECASE):
            return NamePattern(_around(stem, match, group), has_period=True, month_words={})
    for words in LANGUAGES.values():
        listed = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        shape = rf"(?<![^\W\d_])(?P<month>{listed})(?P<sep>[-_. ]*)(?P<year>(?:20|19)\d{{2}})(?!\d)"
        if match := re.search(shape, stem, re.IGNORECASE):
            group = r"(?P<month>[^\W\d_]+)[-_. ]*(?P<year>20\d{2})"
            return NamePattern(_around(stem, match, group), has_period=True, month_words=dict(words))
    return NamePattern(f"^{_loose(stem)}.*{_ENDING}", has_period=False, month_words={})


def _around(stem: str, match: re.Match[str], group: str) -> str:
    before, behind = stem[: match.start()], stem[match.end() :]
    return f"^{_loose(before)}{group}{_loose(behind)}.*{_ENDING}"


def _loose(text: str) -> str:
    """The words of a part of a name; digits may be others, and so may what stands between words."""
    parts = re.findall(r"[^\W\d_]+|\d+|[\W_]+", text)
    return "".join(r"\d+" if part.isdigit() else re.escape(part) if part[0].isalpha() else r"[\W_]+" for part in parts)
