"""The titles of charts over a sheet: they state no unit for its figures, and one that differs from theirs is told.

Rule: rules.md, Where people state things elsewhere (`unit_not_read`).
"""

from collections.abc import Iterator

from extract.errors.base import DataError
from extract.errors.table import UnknownUnit
from extract.table.sheet.extraction import SheetExtraction
from extract.table.statements.unit_words import is_count
from extract.table.statements.units import Text, UnitReader
from extract.workbook.drawings import CHART


def is_of_chart(place: str) -> bool:
    """Whether a text beside the cells is the title of a chart."""
    return place.startswith(CHART)


def doubtful_charts(done: SheetExtraction, units: UnitReader) -> Iterator[Text]:
    """The titles that state another unit of amounts than they were read in; a share is drawn as its format shows it."""
    applied = [table.context.units for table in done.tables]
    for place, text in done.sheet.marks.beside.items():
        for line in text.splitlines() if is_of_chart(place) else ():
            try:
                stated = units.of_titles([Text(place, line)])
            except DataError as error:  # a unit of no field, or two
                if not (isinstance(error, UnknownUnit) and is_count(error.unit)):
                    yield Text(place, line)
                continue
            sources = [(table.header.sources, powers) for table, powers in zip(done.tables, applied, strict=True)]
            if any(
                name in fields and unit.power >= 0 and powers.get(name, 0) != unit.power
                for name, unit in stated.items()
                for fields, powers in sources
            ):
                yield Text(place, line)
