"""Texts over a sheet of an ods that stand in no cell: comments and text boxes.

Standard: OpenDocument 1.3 part 3, 10.3 (drawing shapes), 14.1 (office:annotation).
"""

from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, address
from extract.workbook.ods_cells import count_of, shown_text
from extract.workbook.ods_names import DRAWING, OFFICE, TABLE, TEXT
from extract.workbook.passed_over import COMMENT, TEXT_BOX

NOTE = f"{OFFICE}annotation"
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_BOXES = tuple(f"{DRAWING}{kind}" for kind in ("text-box", "custom-shape", "rect"))


def notes_on(row: ET.Element, number: int) -> dict[str, str]:
    """The comments on the cells of a row, by their places."""
    found: dict[str, str] = {}
    column = 0
    for element in row:
        if element.tag in _CELLS:
            if (note := element.find(NOTE)) is not None:
                found[f"{COMMENT}{address(number, column)}"] = shown_text(note)
            column += count_of(element, f"{TABLE}number-columns-repeated")
    return found


def boxes_over(table: ET.Element) -> dict[str, str]:
    """The texts in the boxes over a sheet."""
    boxes = (box for kind in _BOXES for box in table.iter(kind))
    text = "\n".join("".join(item.itertext()) for box in boxes for item in box.iter(f"{TEXT}p"))
    return {TEXT_BOX: text[:LONGEST_TEXT]} if text.strip() else {}
