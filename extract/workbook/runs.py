"""Texts of which single characters are struck out, raised or lowered, written so that the plain text still shows it.

1000 with a raised 1 behind it is no 10001, and a figure that was struck out beside its successor is no part of it.
Raised and lowered signs become those of Unicode (¹), characters that are struck out bear the stroke (U+0336). No field
takes either for a value. Standard: ECMA-376 part 1, 18.4.4 (r), 18.4.10 (strike), 18.4.14 (vertAlign);
OpenDocument 1.3 part 3, 20.368 (text-line-through-style), 20.391 (text-position).
"""

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from extract.workbook.ods_names import OFFICE, STYLE, TEXT

STROKE = "\u0336"
_RAISED = str.maketrans(
    "0123456789()abcdefghijklmnoprstuvwxyz",
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207d\u207e"
    "\u1d43\u1d47\u1d9c\u1d48\u1d49\u1da0\u1d4d\u02b0\u2071\u02b2\u1d4f\u02e1\u1d50\u207f\u1d52\u1d56\u02b3\u02e2\u1d57\u1d58\u1d5b\u02b7\u02e3\u02b8\u1dbb",
)
_OFF = ("0", "false")
_LINE_THROUGH, _LINE_TYPE = f"{STYLE}text-line-through-style", f"{STYLE}text-line-through-type"


def show_marked_runs(root: ET.Element) -> None:
    """Change the runs of a part in the usual spelling: shared texts, or texts in cells."""
    for run in root.iter("r"):
        properties, text = run.find("rPr"), run.find("t")
        if properties is None or text is None or not text.text:
            continue
        if _is_on(properties.find("strike")):
            text.text = struck(text.text)
        elif _stands_apart(properties.find("vertAlign")):
            text.text = raised(text.text)


def show_marked_spans(content: ET.Element) -> None:
    """The same for the spans of an ods, whose styles stand in the same part."""
    marks: dict[str | None, Callable[[str], str]] = {}
    for style in content.iterfind(f"{OFFICE}automatic-styles/{STYLE}style[@{STYLE}family='text']"):
        for item in style.iterfind(f"{STYLE}text-properties"):
            if _is_struck(item):
                marks[style.get(f"{STYLE}name")] = struck
            elif re.match("super|sub|[-1-9]", item.get(f"{STYLE}text-position", "")):
                marks[style.get(f"{STYLE}name")] = raised
    for span in content.iter(f"{TEXT}span") if marks else ():
        if mark := marks.get(span.get(f"{TEXT}style-name")):
            span.text = mark(span.text or "")


def struck_styles(content: ET.Element) -> frozenset[str | None]:
    """The names of the styles of whole cells of an ods that are struck out."""
    path = f"{OFFICE}automatic-styles/{STYLE}style[@{STYLE}family='table-cell']"
    return frozenset(style.get(f"{STYLE}name") for style in content.iterfind(path)
                     for item in style.iterfind(f"{STYLE}text-properties")
                     if _is_struck(item))  # fmt: skip


def _is_struck(properties: ET.Element) -> bool:
    """Whether a style of an ods draws a line through; LibreOffice may name its type alone."""
    return properties.get(_LINE_THROUGH, properties.get(_LINE_TYPE, "none")) != "none"


def struck(text: str) -> str:
    """A text whose characters are struck out."""
    return "".join(sign + STROKE for sign in text if not sign.isspace())


def raised(text: str) -> str:
    """A text that is raised or lowered."""
    return text.lower().translate(_RAISED)


def _is_on(element: ET.Element | None) -> bool:
    return element is not None and element.get("val") not in _OFF


def _stands_apart(element: ET.Element | None) -> bool:
    return element is not None and element.get("val") in ("superscript", "subscript")
