"""Texts over a sheet of an ods that stand in no cell: comments, prompts, text boxes, headers and footers of its pages.

Standard: OpenDocument 1.3 part 3, 9.4.5 (table:content-validation), 10.3 (drawing shapes), 14.1 (office:annotation),
16.9 (style:master-page), 16.10 (style:header).
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, address
from extract.workbook.drawings import COMMENT, PRINTED, TEXT_BOX
from extract.workbook.ods_cells import count_of, shown_text
from extract.workbook.ods_names import DRAWING, OFFICE, STYLE, TABLE, TEXT

_NOTE = f"{OFFICE}annotation"
_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_BOXES = tuple(f"{DRAWING}{kind}" for kind in ("text-box", "custom-shape", "rect"))
_PROMPTS = f"{OFFICE}body/{OFFICE}spreadsheet/{TABLE}content-validations/{TABLE}content-validation"
_PAGES = tuple(f"{STYLE}{line}{kind}" for line in ("header", "footer") for kind in ("", "-left", "-first"))
_FILLED_IN = frozenset(f"{TEXT}{field}" for field in (
    "sheet-name", "page-number", "page-count", "date", "time", "file-name", "title", "author-name",
))  # fmt: skip
"""What in a header is no text of its writer."""


class OdsBeside:
    """The texts beside the cells, by their places. A sheet is begun by `over`, before its rows are looked at."""

    def __init__(self, content: ET.Element, styles: ET.Element | None) -> None:
        self._content, self._styles = content, styles
        self._has_notes = next(content.iter(_NOTE), None) is not None
        messages = (
            (item.get(f"{TABLE}name"), item.find(f"{TABLE}help-message")) for item in content.iterfind(_PROMPTS)
        )
        texts = {name: shown_text(message) for name, message in messages if message is not None}
        self._prompts = {name: text for name, text in texts.items() if text.strip()}
        self._waiting: dict[str | None, str] = {}

    def over(self, table: ET.Element) -> dict[str, str]:
        """The texts in the boxes over a sheet, and those that its pages are printed with."""
        self._waiting = dict(self._prompts)
        boxes = (box for kind in _BOXES for box in table.iter(kind))
        text = "\n".join("".join(item.itertext()) for box in boxes for item in box.iter(f"{TEXT}p"))
        found = {TEXT_BOX: text[:LONGEST_TEXT]} if text.strip() else {}
        if (printed := "\n".join(self._printed_with(table))).strip():
            found[PRINTED] = f"\n{printed}"[:LONGEST_TEXT]
        return found

    def on(self, row: ET.Element, number: int) -> dict[str, str]:
        """The comments on the cells of a row, and each prompt at the first cell that has it."""
        found: dict[str, str] = {}
        column = 0
        for element in row if self._has_notes or self._waiting else ():
            if element.tag in _CELLS:
                note = element.find(_NOTE)
                prompt = self._waiting.pop(element.get(f"{TABLE}content-validation-name"), "")
                if text := "\n".join(filter(None, (shown_text(note) if note is not None else "", prompt))):
                    found[f"{COMMENT}{address(number, column)}"] = text
                column += count_of(element, f"{TABLE}number-columns-repeated")
        return found

    def _printed_with(self, table: ET.Element) -> Iterator[str]:
        """The lines of the headers and footers of the pages of a sheet."""
        if self._styles is None:
            return
        path, name = f"{OFFICE}automatic-styles/{STYLE}style[@{STYLE}family='table']", table.get(f"{TABLE}style-name")
        pages = {
            item.get(f"{STYLE}name"): item.get(f"{STYLE}master-page-name") for item in self._content.iterfind(path)
        }
        for page in self._styles.iterfind(f"{OFFICE}master-styles/{STYLE}master-page"):
            if page.get(f"{STYLE}name") == (pages.get(name) or "Default"):
                shown = (item for kind in _PAGES for item in page.iterfind(kind))
                for item in shown:
                    if item.get(f"{STYLE}display") != "false":
                        yield from ("".join(_written(line)) for line in item.iter(f"{TEXT}p"))


def _written(element: ET.Element) -> Iterator[str]:
    """The text in an element but for what is filled in when it is printed."""
    if element.tag not in _FILLED_IN:
        yield element.text or ""
        for child in element:
            yield from _written(child)
            yield child.tail or ""
