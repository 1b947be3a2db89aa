"""An example of a file name that a domain takes, to be shown in place of its pattern, which few can read."""

import re
from collections.abc import Iterator
from itertools import product

from extract.config import DomainConfig
from extract.files.names import names_of

_DATES = ("2024-11", "202411", "2024_11", "2024年11月", "Nov-2024", "2024Q4", "2024-Q4", "2024")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_ENDINGS = ("xlsx", "xls", "ods", "csv")


def example_name(config: DomainConfig) -> str | None:
    """A name that the pattern of a domain takes and whose period is clear; None where none was found."""
    names = names_of(config)
    for name in _candidates(config.pattern):
        found = names.read(name)
        if len(found.months) == 1 and not found.problem:
            return name
    return None


def _candidates(pattern: str) -> Iterator[str]:
    """Names made of the words that stand in the pattern, with a date before or behind them."""
    plain = re.sub(r"\(\?P<\w+>|\\.|\(\?[:=!<]+", " ", pattern)
    words = [word for word in _WORDS.findall(plain) if word.lower() not in (*_ENDINGS, "xlsm", "xlsb", "et", "tsv")]
    chosen = ["".join(words), *words, ""] if words else [""]
    for word, day, ending in product(dict.fromkeys(chosen), _DATES, _ENDINGS):
        yield from (
            f"{day}_{word}.{ending}",
            f"{word}_{day}.{ending}",
            f"{word}{day}.{ending}",
            f"{day}{word}.{ending}",
        )
