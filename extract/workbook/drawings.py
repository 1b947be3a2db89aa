"""Texts that are drawn over a sheet of a package: in text boxes, and as titles of charts and of their axes.

Standard: ECMA-376 part 1, 20.5 (anchors of drawings), 21.1.2.2.6 (paragraphs), 21.2.2.45 (dispUnits), 21.2.2.210
(title).
"""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from extract.workbook.cells import LONGEST_TEXT, address
from extract.workbook.package import Package, parsed

COMMENT, TEXT_BOX, PRINTED, CHART = "comment on ", "text box", "page header or footer", "chart"


def drawn_texts(package: Package, sheet: str) -> dict[str, str]:
    """The texts over the part of a sheet by their places."""
    found: dict[str, str] = {}
    for drawing in [item.target for item in package.relationships(sheet) if item.kind == "drawing"]:
        charts = {item.id: item.target for item in package.relationships(drawing) if item.kind == "chart"}
        for anchor in parsed(package.read(drawing)):
            row, column = (anchor.findtext(f"{{*}}from/{{*}}{axis}", "0").strip() for axis in ("row", "col"))
            cell = address(int(row) + 1, int(column))
            for kind, text in ((TEXT_BOX, _lines(anchor)), (CHART, "\n".join(_titles(package, anchor, charts)))):
                if text:
                    place = f"{kind} at {cell}"
                    found[place] = f"{found[place]}\n{text}" if place in found else text
    return found


def _lines(element: ET.Element) -> str:
    """The paragraphs in an element, each once."""
    texts = ("".join(text.text or "" for text in item.iterfind(".//{*}t")) for item in element.iterfind(".//{*}p"))
    return "\n".join(dict.fromkeys(filter(None, texts)))[:LONGEST_TEXT]


def _titles(package: Package, anchor: ET.Element, charts: dict[str, str]) -> Iterator[str]:
    """The titles of the charts in an anchor; those of one whose axis divides the figures are about that axis.

    No figure depends on a chart, so one that cannot be read says nothing.
    """
    for item in anchor.iterfind(".//{*}chart") if charts else ():
        for part in [charts[value] for name, value in item.attrib.items() if name.endswith("}id") and value in charts]:
            try:
                chart = parsed(package.read(part))
            except (KeyError, ValueError, ET.ParseError):
                continue
            if chart.find(".//{*}dispUnits") is None:
                yield from filter(None, map(_lines, chart.iterfind(".//{*}title")))
