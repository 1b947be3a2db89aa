"""Cell styles whose text has the colour of its background, so that nobody sees it: white on white, black on black.

Standard: ECMA-376 part 1, 18.8.3 (bgColor, fgColor), 18.8.22 (font), 18.8.32 (patternFill), 18.8.27 (indexed colours);
MS-XLS 2.4.122 (Font), 2.4.353 (XF); MS-XLSB 2.4, the records BrtFont, BrtFill and BrtXF, and 2.5.17 (BrtColor);
OpenDocument 1.3 part 3, 20.180 (fo:background-color), 20.182 (fo:color).
"""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree as ET

from extract.workbook.ods_names import FORMATTING, OFFICE, STYLE
from extract.workbook.spelling import MAIN

BLACK, WHITE = "000000", "FFFFFF"
_PALETTE = (BLACK, WHITE, "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
_SYSTEM = {64: BLACK, 65: WHITE, 0x7FFF: BLACK}
"""Indexes of the colours of a window: of text and background."""
_THEME = {0: WHITE, 1: BLACK}
_RGB = re.compile(r"(?:[0-9A-F]{2})?([0-9A-F]{6})", re.IGNORECASE)
_NEAR = 8
"""How far the parts of two colours that nobody tells apart differ at most, of 255."""
_AUTOMATIC, _INDEXED, _OF_RGB, _OF_THEME = range(4)
_XLS_FONT, _XLS_STYLE, _XLS_NO_FONT, _XLS_STYLE_LENGTH = 0x0031, 0x00E0, 4, 20
_FONT, _FILL, _STYLE, _BEGIN_STYLES, _END_STYLES = 43, 45, 47, 617, 618
_WHITE_FORMAT = re.compile(r"\[(?:white|白色?|(?:color|颜色)\s*2)\]", re.IGNORECASE)

Records = Iterable[tuple[int, bytes]]


def unseen_styles(styles: ET.Element) -> list[int]:
    """The cell styles of an xlsx by index, from the root of their part in the usual spelling."""
    fonts = [
        _colour(font.find(f"{{{MAIN}}}color"), BLACK) for font in styles.iterfind(f"{{{MAIN}}}fonts/{{{MAIN}}}font")
    ]
    fills = [_fill(fill) for fill in styles.iterfind(f"{{{MAIN}}}fills/{{{MAIN}}}fill")]
    white = {item.get("numFmtId") for item in styles.iterfind(f"{{{MAIN}}}numFmts/{{{MAIN}}}numFmt")
             if _WHITE_FORMAT.search(item.get("formatCode", ""))}  # fmt: skip
    found = []
    for index, style in enumerate(styles.iterfind(f"{{{MAIN}}}cellXfs/{{{MAIN}}}xf")):
        font, fill = (_at(each, int(style.get(name, "0"))) for each, name in ((fonts, "fontId"), (fills, "fillId")))
        if _alike(WHITE if style.get("numFmtId") in white else font, fill):
            found.append(index)
    return found


def xls_unseen_styles(records: Records) -> frozenset[int]:
    """The same of an xls, from the records of the workbook itself."""
    fonts: list[str] = []
    found, index = [], 0
    for kind, content in records:
        if kind == _XLS_FONT:
            fonts += [_indexed(struct.unpack_from("<H", content, 4)[0])]
            fonts += [BLACK] * (len(fonts) == _XLS_NO_FONT)
        elif kind == _XLS_STYLE:
            if len(content) >= _XLS_STYLE_LENGTH:  # those of BIFF 5 are shorter
                font, pattern, fill = struct.unpack_from("<H", content)[0], *struct.unpack_from("<IH", content, 14)
                if _alike(_at(fonts, font), _patterned(pattern >> 26, _indexed(fill & 0x7F))):
                    found.append(index)
            index += 1
    return frozenset(found)


def xlsb_unseen_styles(records: Records) -> frozenset[int]:
    """The same of an xlsb, from the records of the part with the styles."""
    fonts: list[str] = []
    fills: list[str] = []
    found, index, inside = [], 0, False
    for kind, content in records:
        if kind == _FONT:
            fonts.append(_binary(content[12:20], BLACK))
        elif kind == _FILL:
            fills.append(_patterned(struct.unpack_from("<I", content)[0], _binary(content[4:12], WHITE)))
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            inside = kind == _BEGIN_STYLES
        elif kind == _STYLE and inside:
            font, fill = struct.unpack_from("<HH", content, 4)
            if _alike(_at(fonts, font), _at(fills, fill)):
                found.append(index)
            index += 1
    return frozenset(found)


def ods_unseen_styles(content: ET.Element) -> frozenset[str | None]:
    """The names of such styles of an ods that name both colours, or white alone."""
    found = []
    for style in content.iterfind(f"{OFFICE}automatic-styles/{STYLE}style[@{STYLE}family='table-cell']"):
        named = {name: item.get(f"{FORMATTING}{name}", "") for item in style for name in ("color", "background-color")
                 if item.get(f"{FORMATTING}{name}")}  # fmt: skip
        inherits = style.get(f"{STYLE}parent-style-name", "Default") != "Default"
        if inherits and "background-color" not in named:
            continue
        text, back = (_rgb(named.get(name, "").lstrip("#"), default)
                      for name, default in (("color", BLACK), ("background-color", WHITE)))  # fmt: skip
        if _alike(text, back):
            found.append(style.get(f"{STYLE}name"))
    return frozenset(found)


def _at(colours: Sequence[str], index: int) -> str:
    return colours[index] if index < len(colours) else ""


def _alike(text: str, background: str) -> bool:
    """Whether nobody tells two colours apart; "" is an unknown one."""
    if not _RGB.fullmatch(text) or not _RGB.fullmatch(background):
        return text == background != ""
    parts = zip(bytes.fromhex(text), bytes.fromhex(background), strict=True)
    return all(abs(one - other) <= _NEAR for one, other in parts)


def _fill(fill: ET.Element) -> str:
    pattern = fill.find(f"{{{MAIN}}}patternFill")
    if pattern is None:
        return ""  # a gradient
    kinds = {"none": 0, "solid": 1}
    return _patterned(
        kinds.get(pattern.get("patternType", "none"), 2), _colour(pattern.find(f"{{{MAIN}}}fgColor"), BLACK)
    )


def _patterned(pattern: int, colour: str) -> str:
    """The background under a pattern: the white of the sheet, the colour of a solid one, of others none for sure."""
    return {0: WHITE, 1: colour}.get(pattern, "")


def _colour(element: ET.Element | None, default: str) -> str:
    attributes: Mapping[str, str] = element.attrib if element is not None else {}
    tint = attributes.get("tint", "0")
    if "rgb" in attributes:
        colour = _rgb(attributes["rgb"], default)
    elif "theme" in attributes:
        colour = _of_theme(int(attributes["theme"]))
    elif "indexed" in attributes:
        colour = _indexed(int(attributes["indexed"]))
    else:
        return default
    return colour if not float(tint) else f"{colour} {tint}"


def _rgb(text: str, default: str) -> str:
    match = _RGB.fullmatch(text)
    return match[1].upper() if match else default


def _of_theme(index: int) -> str:
    return _THEME.get(index, f"theme {index}")


def _indexed(index: int) -> str:
    return _SYSTEM.get(index) or (_PALETTE[index % 8] if index < 16 else f"indexed {index}")


def _binary(colour: bytes, default: str) -> str:
    """A BrtColor: its kind, an index, a tint, and the parts."""
    kind, index, tint = colour[0] >> 1, colour[1], int.from_bytes(colour[2:4], "little")
    named = {
        _AUTOMATIC: default,
        _INDEXED: _indexed(index),
        _OF_RGB: colour[4:7].hex().upper(),
        _OF_THEME: _of_theme(index),
    }
    return named.get(kind, "") if not tint or kind == _AUTOMATIC else f"{named.get(kind, '')} {tint}"
