"""Rows that were read as records though something about them is in doubt: the cells that the account warns of."""

from dataclasses import dataclass, field

from extract.table.layout.tables import LaidTable
from extract.workbook.cells import Merge, Row, address, is_blank


@dataclass
class Doubts:
    """Cells by what is in doubt: `without_figures`, the first cells of rows whose measures are all blank, although
    nothing says that they are no records; `totals`, labels that begin like those of totals; `unnamed`, figures beside
    values of the header, over which nothing stands; `merged`, figures that are merged over others.
    """

    merges: dict[int, list[Merge]]
    without_figures: list[str] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def look(self, table: LaidTable, number: int, cells: Row) -> None:
        """Note what is in doubt in a row of a table."""
        screen = table.screen
        if screen.is_without_figures(cells):
            first = next((index for index, cell in enumerate(cells) if not is_blank(cell)), 0)
            self.without_figures.append(address(number, first))
        if label := screen.label_like_total(number, cells):
            self.totals.append(label)
        for index in table.header.unnamed(len(cells)):
            if isinstance(cells[index], float | int):
                self.unnamed.append(address(number, index))
        for (top, left), (bottom, right) in self.merges.get(number, ()):
            if screen.is_figure(cells, left) and (bottom > top or screen.has_measures(left + 1, right)):
                self.merged.append(f"{address(top, left)}:{address(bottom, right)}")


def by_row(merges: list[Merge]) -> dict[int, list[Merge]]:
    """Merged ranges by their first row."""
    found: dict[int, list[Merge]] = {}
    for merge in merges:
        found.setdefault(merge[0][0], []).append(merge)
    return found
