"""Text that others wrote (cells, names of sheets and files, messages of servers), made fit to be shown or logged."""

import re

LIMIT = 200
"""Characters of one foreign value that are shown at most."""
_TAIL = 50
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0 and C1 controls: a terminal obeys them
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line breaks and directions: what follows looks like other text
    "\ud800-\udfff]"  # bytes of a file name that are no UTF-8
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def shown(text: str, limit: int | None = LIMIT, *, lines: bool = False) -> str:
    """`text` on one line, with an escape such as \\x1b for each character that would steer a terminal or break a log.

    Of a longer text the beginning and the end, with … between them: at most `limit` characters (at least 2 * 50; None:
    all of it). With `lines` its line breaks stay. What comes out can go in again.
    """
    readable = _UNSHOWABLE.sub(_kept_lines if lines else _escaped, text)
    return readable if limit is None else cut(readable, limit)


def cut(text: str, limit: int = LIMIT) -> str:
    """`text` as it is; of one longer than `limit` the beginning and the end, with … between them."""
    return text if len(text) <= limit else f"{text[: limit - _TAIL - 1]}…{text[-_TAIL:]}"


def xml_text(text: str) -> str:
    """`text` without the characters that XML, and so a cell of a workbook, cannot hold."""
    return _NO_XML.sub("", text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00  # the byte itself
    return _SHORT.get(character) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")


def _kept_lines(match: re.Match[str]) -> str:
    return "\n" if match[0] == "\n" else _escaped(match)
