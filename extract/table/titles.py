"""The months that titles above a table name, held against the month of the file name.

Rule: rules.md, report_date. A day that ends its month names that month, any other day is one of printing or signing.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date

from extract.table.units import Text
from extract.workbook.cells import squeeze

_CHINESE = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2}|[0-9]{2})年(?P<first>[0-9]{1,2})月?(?:(?P<day>[0-9]{1,2})日)?"
    r"(?:份|度|末|底)?(?:[-—–~至到](?:(?P<last_year>20[0-9]{2}|[0-9]{2})年)?(?P<last>[0-9]{1,2})月(?:(?P<last_day>[0-9]{1,2})日)?)?"
)
_NUMERIC = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})(?P<sep>[-./]?)(?P<first>[0-9]{1,2})(?:(?P=sep)(?P<day>[0-9]{1,2}))?(?![0-9])"
)


def months_in(text: str) -> list[date]:
    """The months that a text names, in its order; both ends of a range."""
    found = []
    squeezed = squeeze(text)
    for match in _CHINESE.finditer(squeezed):
        if "月" not in match[0]:
            continue
        year = match["year"]
        found += _month(year, match["first"], match["day"])
        if match["last"]:
            found += _month(match["last_year"] or year, match["last"], match["last_day"])
    for match in _NUMERIC.finditer(squeezed):
        if match["sep"] or len(match["first"]) == 2:
            found += _month(match["year"], match["first"], match["day"])
    return list(dict.fromkeys(found))


def _month(year: str, month: str, day: str | None) -> list[date]:
    number = int(year) + (2000 if len(year) == 2 else 0)
    if not 1 <= int(month) <= 12:
        return []
    if day and int(day) != monthrange(number, int(month))[1]:
        return []
    return [date(number, int(month), 1)]


def other_months(titles: Iterable[Text], period: date) -> Iterator[tuple[Text, list[date]]]:
    """The titles that name months of which none is `period`, with the months."""
    for title in titles:
        months = months_in(title.text)
        if months and period not in months:
            yield title, months
