"""What is doubtful about the unit of a share: numbers of two kinds, none that says its unit, a format that hides it.

Rule: rules.md, Units (`ambiguous_unit`, `unit_unclear`, `unit_doubtful`, `unit_not_verified`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple
from itertools import islice

from extract.errors.table import UnitConflict, UnknownUnit
from extract.fields.base import UnitTally, told
from extract.fields.numbers import PERCENT, Share
from extract.foreign import shown
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.table.sheet.tables import Table
from extract.table.statements.units import Text, UnitReader
from extract.table.warnings.figures import cells_of
from extract.wording import Sentence
from extract.workbook.cells import address

_SHOWN = 3
_FEWEST = 3
"""Plain numbers from which they may be doubtful together."""


def unit_warnings(done: SheetExtraction, name: str, share: Share) -> Iterator[FileWarning]:
    """What is doubtful about the unit of a share."""
    tables = [table for table in done.tables if name in table.header.sources]
    if not tables:
        return
    tallies = [table.context.tally[name] for table in tables]
    tally = UnitTally(*map(sum, zip(*map(astuple, tallies), strict=True)))
    header = shown(tables[0].header.first_column[name].text)
    if tally.fractions and tally.percentages:
        yield _ambiguous(done, name, share, tally, header)
    plain = tally.fractions + tally.percentages
    if plain and tally.large * 2 >= plain and not tally.stated:
        yield FileWarning(
            "unit_unclear",
            Sentence(
                "no unit is stated for {header}, and {large} of its {plain} plain numbers are beyond 0.1 in "
                "size (ten percent a month): see that they are fractions, and state the unit, by {header}(%) "
                "as header or by units: {{{name}: percent}} (or fraction) in the configuration",
                header=header,
                large=tally.large,
                plain=plain,
                name=name,
            ),
        )
    if _FEWEST <= tally.by_column == tally.tiny:
        yield FileWarning(
            "unit_doubtful",
            Sentence(
                "{header} is stated to be in percent, and all of its {plain} plain numbers are up to 0.1: see that "
                "they are no fractions, such as 0.05 for 5%",
                header=header,
                plain=tally.by_column,
            ),
        )
    read_as_percent = any(table.header.powers.get(name) == PERCENT for table in tables)
    if read_as_percent and not done.sheet.marks.formats_known:
        yield FileWarning(
            "unit_not_verified",
            Sentence(
                "the header says {header}, and this format tells less surely than others whether cells are formatted "
                "as percentages: compare some figures, or save the workbook as .xlsx",
                header=header,
            ),
        )


def states_otherwise(units: UnitReader, text: str, tables: Iterable[Table]) -> bool:
    """Whether a text states a unit, and not just the one under which the tables were read (none: 元)."""
    if not units.states(text):
        return False
    try:
        stated = units.of_titles([Text("", text)])
    except (UnitConflict, UnknownUnit):
        return True
    return any(
        unit.power != table.context.units.get(name, 0)
        for table in tables
        for name, unit in stated.items()
        if name in table.header.sources
    )


def _ambiguous(done: SheetExtraction, name: str, share: Share, tally: UnitTally, header: str) -> FileWarning:
    """The warning about a column of fractions and percentages, with the first cells of the kind that is rarer."""
    rarer = "percentage" if tally.percentages <= tally.fractions else "fraction"
    cells = ", ".join(_first_cells(done, name, share, rarer))
    return FileWarning(
        "ambiguous_unit",
        Sentence(
            "of the plain numbers under {header}, {fractions} up to 1 were read as fractions and "
            "{percentages} beyond 1 as percentages (the first {rarer}: {cells}); settle it by {header}(%) "
            "as header or by units: {{{name}: percent}} (or fraction) in the configuration",
            header=header,
            fractions=tally.fractions,
            percentages=tally.percentages,
            rarer=Sentence("percentages") if rarer == "percentage" else Sentence("fractions"),
            cells=cells,
            name=name,
        ),
    )


def _first_cells(done: SheetExtraction, name: str, share: Share, kind: str) -> list[str]:
    """The first cells of a kind with their values, from another look at the rows."""
    of_kind = (
        f"{address(*place)} {told(cell)}"
        for place, cell, comma in cells_of(done, name)
        if share.kind_of(cell, comma) == kind
    )
    return list(islice(of_kind, _SHOWN))
