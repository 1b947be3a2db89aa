"""In which encoding a text was written: told by its mark, else by what its bytes give in each."""

import re
from collections.abc import Iterable

from extract.wording import Sentence

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_LINE_OR_SEPARATOR = re.compile(r"[\n\r,;\t|]")
_NO_SUCH_LETTER = re.compile("[\x80-\xff\u0800-\U0010ffff]")
_LOOKED_AT = 2**16
"""Bytes that tell whether a text without a mark is UTF-16."""
_FEWEST_ASCII = 0.2
"""Signs of ASCII in a table: its separators, digits and line breaks."""
_MOSTLY, _HARDLY = 0.95, 0.5
_SIGNS = frozenset((0xA1, 0xA2, 0xA3))
"""The rows of punctuation and full-width signs in GB 2312 and, but for the last, in Big5."""


def decoded(data: bytes) -> tuple[str, str]:
    """The text of some bytes and the name of its encoding.

    Raises ValueError for bytes of no encoding that is known, and where they may be of two.
    """
    marked = next((encoding for mark, encoding in MARKS if data.startswith(mark)), None) or unmarked_utf16(data)
    if marked:
        found = _in(data, marked)
        if found is not None:
            return found, marked
    elif (found := _in(data, "utf-8")) is not None:
        if _may_be_of_gb(data, found):
            raise ValueError(Sentence("its text may be in UTF-8 or in GB18030: save it as CSV UTF-8"))
        return found, "utf-8"
    else:
        simple, traditional = _in(data, "gb18030"), _in(data, "cp950")
        usual = _usual_in_gb(simple) if simple is not None else 0
        if traditional is not None and usual < _MOSTLY and (share := _usual_in_big5(traditional)) >= _MOSTLY:
            if usual <= _HARDLY:
                return traditional, "cp950"
            if share == 1:
                raise ValueError(Sentence("its text may be in GB18030 or in Big5: save it as CSV UTF-8"))
        if simple is not None:
            return simple, "gb18030"
    raise ValueError(Sentence("its text is neither UTF-8 nor GB18030"))


def unmarked_utf16(data: bytes) -> str | None:
    """The byte order of a UTF-16 text without a mark; None where it is none, or not surely one."""
    if len(data) % 2 or b"\0" not in data[:_LOOKED_AT]:
        return None
    orders = [order for order in ("utf-16-le", "utf-16-be") if _is_table(_in(data[:_LOOKED_AT], order))]
    return orders[0] if len(orders) == 1 else None


def _may_be_of_gb(data: bytes, text: str) -> bool:
    """Whether what UTF-8 takes for letters of other scripts alone may be Chinese: 某 in GB 2312 is \u0133 in UTF-8."""
    if text.isascii() or _NO_SUCH_LETTER.search(text):
        return False
    simple = _in(data, "gb18030")
    return simple is not None and _usual_in_gb(simple) == 1


def _in(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_table(text: str | None) -> bool:
    """Whether a text may be a table: it holds separators, enough ASCII and no control character."""
    if not text or CONTROL.search(text) or not _LINE_OR_SEPARATOR.search(text):
        return False
    return sum(map(str.isascii, text)) >= _FEWEST_ASCII * len(text)


def _usual_in_gb(text: str) -> float:
    """The share of the wide signs of a text that are usual ones in GB 2312: those of its first level."""
    pairs = [sign.encode("gb18030") for sign in _wide(text)]
    usual = [len(pair) == 2 and pair[1] > 0xA0 and (0xB0 <= pair[0] <= 0xD7 or pair[0] in _SIGNS) for pair in pairs]
    return sum(usual) / max(len(usual), 1)


def _usual_in_big5(text: str) -> float:
    """The same in Big5, whose first level ends at C67E."""
    pairs = [sign.encode("cp950") for sign in _wide(text)]
    usual = [b"\xa4\x40" <= pair <= b"\xc6\x7e" or pair[0] in _SIGNS - {0xA3} for pair in pairs]
    return sum(usual) / max(len(usual), 1)


def _wide(text: str) -> Iterable[str]:
    return (sign for sign in set(text) if not sign.isascii())
