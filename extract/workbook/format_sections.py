"""The sections of a number format: what each says beside and about the digits it shows.

Standard: ECMA-376 part 1, 18.8.31 (numFmts); `!` escapes as `\\` does in East Asian versions of Excel. A format has up
to four sections, chosen by the number's sign or by a condition such as `[>=10000]`.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"]*"?)                    # literal text; the last quote may be missing
    | [\\!](?P<escaped>.)                   # one literal character
    | _(?P<space>.)                         # a space as wide as this character
    | \*(?P<fill>.)                         # this character as often as it fits
    | \[(?P<bracket>[^\[\]]*)\]               # colour, condition, currency, elapsed time, digits of a language
    | (?P<general>General|G/通用格式|Standard|标准)
    | (?P<exponent>[eE][-+]0+)
    | (?P<digit>[0#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<text>@)
    | (?P<letter>[ymdhsgaAbBeE](?:M/PM|/P|M/pm)?)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)")
_NO_TEXT = re.compile(r"[\s()（）\-+−:：'~<>{}^&=|]")
"""What stands beside a number without saying anything about it: signs, brackets, space."""
_CURRENCY = "¥￥$€£₽"
_OUR_SIGNS, _YEN = frozenset("¥￥"), "411"
"""The sign of the yuan is that of the yen in a Japanese format, such as `[$¥-411]`."""
_MINUS, _OPENING, _CLOSING = frozenset("-−－–﹣"), frozenset("(（"), frozenset(")）")
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|[黑蓝绿青红白黄]色?|(?:洋红|color|颜色)\s*[0-9]*", re.I
)
Piece = tuple[Literal["digit", "literal", "point"], str]


@dataclass(frozen=True)
class Section:
    """One section of a format.

    `prefix` and `suffix` are the texts beside the number, without signs, brackets and space. `scale` is the power of
    ten by which the number that is shown is smaller than the number in the cell: three for each comma behind the
    digits, and one for each digit behind an escaped point, as in `0!.0,`.
    """

    condition: tuple[str, float] | None = None
    percent: bool = False
    scale: int = 0
    prefix: str = ""
    suffix: str = ""
    pieces: tuple[Piece, ...] = ()
    plain: bool = True
    """Whether it is one of numbers: no date, no text."""
    minus: bool = False
    """Whether a minus or brackets stand around its digits, as in `(0.00)`."""
    coloured: bool = False
    currency: str = ""
    """The sign of a currency other than the yuan."""
    further_digits: bool = False
    """Whether it shows digits that no number holds, as `0"000"` does."""

    @property
    def says_something(self) -> bool:
        """Whether the number means more than its digits, or is shown with zeros or text that it lacks."""
        zeros = [piece for piece in self.pieces if piece == ("digit", "0")]
        point = ("point", ".") in self.pieces
        inside = any(kind == "literal" for kind, _ in self.pieces)
        texts = self.prefix.strip(_CURRENCY) or self.suffix.strip(_CURRENCY)
        return self.plain and bool(self.percent or self.scale or texts or inside or (len(zeros) > 1 and not point))

    @property
    def hides(self) -> bool:
        """Whether it shows no digit of the number, as the sections of `;;;` do."""
        return self.plain and not self.pieces


def split(code: str) -> list[str]:
    """The sections of a code; a semicolon in quotes or behind an escape separates nothing."""
    parts, start = [], 0
    for match in TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append(code[start : match.start()])
            start = match.end()
    return [*parts, code[start:]]


def section_of(part: str) -> Section:
    condition: tuple[str, float] | None = None
    percent, plain, coloured, filled = False, True, False, False
    currency = ""
    pieces: list[Piece] = []
    for match in TOKEN.finditer(part):
        kind, text = match.lastgroup or "", match[match.lastgroup or 0]
        if kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = found[1], float(found[2])
            elif text.startswith("$"):
                sign, _, place = text[1:].partition("-")
                pieces.append(("literal", sign))
                currency = f"{sign} ({place})" if _OUR_SIGNS & set(sign) and place.lstrip("0") == _YEN else currency
            elif text and not set(text.lower()) - set("hms"):
                plain = False
            coloured = coloured or _COLOUR.fullmatch(text) is not None
        elif kind == "quoted":
            pieces.append(("literal", text.strip('"')))
        elif kind in ("escaped", "other"):
            pieces.append(("literal", text))
        elif kind == "fill":
            filled = filled or (text.isdigit() and any(kind == "digit" for kind, _ in pieces))
        elif kind in ("letter", "text"):
            plain = False
        elif kind in ("general", "exponent"):
            pieces.append(("digit", "#"))
        elif kind == "digit":
            pieces.append(("digit", text))
        elif kind == "point":
            pieces.append(("point", text))
        elif kind == "comma":
            pieces.append(("literal", "\0"))
        elif kind == "percent":
            percent = True
    foreign = (sign for kind, text in pieces if kind == "literal" for sign in text if sign in _CURRENCY)
    currency = currency or next((sign for sign in foreign if sign not in _OUR_SIGNS), "")
    section = _measured(condition, percent, plain, pieces)
    further_digits = filled or section.further_digits
    return replace(section, coloured=coloured, currency=currency, further_digits=further_digits)


def _measured(condition: tuple[str, float] | None, percent: bool, plain: bool, pieces: list[Piece]) -> Section:
    """Tell the texts beside the digits from those between them, and what the commas scale by."""
    digits = [index for index, (kind, _) in enumerate(pieces) if kind == "digit"]
    if not digits:
        text = "".join(text for _, text in pieces if text != "\0")
        return Section(condition, percent, prefix=_text(text), plain=plain)
    first, last = digits[0], digits[-1]
    point = next((index for index, (kind, _) in enumerate(pieces) if kind == "point"), None)
    ends = {last, max((index for index in digits if point is None or index < point), default=last)}
    scale = 0
    for end in ends:
        following = end + 1
        while following < len(pieces) and pieces[following] == ("literal", "\0"):
            scale += 3
            following += 1
    inside = [piece for piece in pieces[first : last + 1] if piece != ("literal", "\0")]
    if point is None and ("literal", ".") in inside:
        behind = inside[len(inside) - inside[::-1].index(("literal", ".")) :]
        scale += sum(kind == "digit" for kind, _ in behind)
    prefix, suffix = _literals(pieces[:first]), _literals(pieces[last + 1 :])
    return Section(
        condition,
        percent,
        scale,
        _text(prefix),
        _text(suffix),
        tuple(inside),
        plain,
        minus=bool(_MINUS & set(prefix + suffix)) or (_is_open(prefix, _OPENING) and _is_open(suffix, _CLOSING)),
        further_digits=_adds_digits(prefix, _literals(inside), suffix),
    )


def _literals(pieces: Sequence[Piece]) -> str:
    return "".join(text for kind, text in pieces if kind == "literal" and text != "\0")


def _is_open(text: str, bracket: Set[str]) -> bool:
    """Whether a text holds more brackets of a kind than of the other, such as the one before digits in `(0.00)`."""
    found = [sign for sign in text if sign in _OPENING | _CLOSING]
    return 2 * sum(sign in bracket for sign in found) > len(found)


def _adds_digits(prefix: str, inside: str, suffix: str) -> bool:
    """Whether texts beside or between the digits hold digits; those of a fraction (`# ?/100`) are its own."""
    return "/" not in inside + suffix and any(sign.isdigit() for sign in prefix + inside + suffix)


def _text(literal: str) -> str:
    return _NO_TEXT.sub("", literal)
