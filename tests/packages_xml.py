"""XML in any spelling: elements to bytes, plain or with what XML allows and few writers use.

Standard: XML 1.0 (white space in tags, quotes, CDATA, comments, processing instructions, references, encodings).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape, quoteattr

FEATURES = (
    "order", "quotes", "spaces", "indented", "prefix", "cdata", "comments", "instructions", "references", "long_empty",
    "utf16", "utf16_be", "bom", "no_declaration", "foreign", "spaced_values", "no_r", "no_row_r", "typed_numbers",
    "default_style",
    "long_numbers", "str", "inline", "runs", "absolute", "names", "cases", "backslashes", "strict",
)  # fmt: skip
"""What a spelling may do other than the plain one; the names say what."""
UNREADABLE = frozenset(("foreign", "names", "cases", "backslashes", "strict"))
"""Spellings that openpyxl does not read, or reads by local names alone."""
_ONE_ENCODING = ("utf16", "utf16_be", "bom")
_TEXTS = ("t", "v", "f")


@dataclass(frozen=True)
class Spelling:
    """Features of the spelling of a package; `random` decides at each place whether one is used there."""

    random: Random
    features: frozenset[str] = field(default_factory=frozenset)

    def chance(self, feature: str) -> bool:
        """Whether a feature is used here."""
        return feature in self.features and self.random.random() < 0.6


def random_spelling(random: Random, most: int = 5) -> Spelling:
    """A spelling of some features: often one alone, since a quick reader is caught by the first that it misses."""
    chosen = set(random.sample(FEATURES, random.randint(0, most)))
    for extra in sorted(chosen & set(_ONE_ENCODING))[1:]:
        chosen.discard(extra)
    return Spelling(random, frozenset(chosen))


@dataclass(frozen=True)
class Element:
    """An element: attributes in their plain order, elements and texts in it."""

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Sequence["Element | str"] = ()

    def but(self, **attributes: str) -> "Element":
        """The element with more attributes."""
        return Element(self.tag, {**self.attributes, **attributes}, self.children)


def spelled(root: Element, spelling: Spelling) -> bytes:
    """A document in a spelling."""
    features = spelling.features
    writer = _Writer(spelling, "x:" if "prefix" in features else "")
    body = writer.between() + writer.element(root, is_root=True) + writer.between()
    encoding = "UTF-16" if features & {"utf16", "utf16_be"} else "UTF-8"
    if "no_declaration" not in features:
        quote = "'" if "quotes" in features else '"'
        lead = f"<?xml version={quote}1.0{quote} encoding={quote}{encoding}{quote} standalone={quote}yes{quote}?>\n"
        body = lead + body
    if "utf16" in features:
        return b"\xff\xfe" + body.encode("utf-16-le")
    if "utf16_be" in features:
        return b"\xfe\xff" + body.encode("utf-16-be")
    return (b"\xef\xbb\xbf" if "bom" in features else b"") + body.encode()


class _Writer:
    def __init__(self, spelling: Spelling, prefix: str) -> None:
        self._spelling, self._random, self._prefix = spelling, spelling.random, prefix

    def element(self, element: Element, *, is_root: bool = False) -> str:
        name = self._prefix + element.tag
        attributes = dict(element.attributes)
        if is_root and self._prefix and "xmlns" in attributes:
            attributes = {f"xmlns:{self._prefix[:-1]}": attributes.pop("xmlns"), **attributes}
        if is_root and "foreign" in self._spelling.features:
            attributes["xmlns:own"] = "urn:example:own"
        items = list(attributes.items())
        if "order" in self._spelling.features:
            self._random.shuffle(items)
        head = "<" + name + "".join(self._attribute(key, value) for key, value in items) + self._space()
        if not element.children and not self._spelling.chance("long_empty"):
            return head + "/>"
        inside = self._inside(element)
        return f"{head}>{inside}</{name}{self._space()}>"

    def _inside(self, element: Element) -> str:
        """What stands in an element; nothing is added around a text."""
        pieces = [child if isinstance(child, Element) else self._text(child) for child in element.children]
        written = [self.element(piece) if isinstance(piece, Element) else piece for piece in pieces]
        if element.tag in _TEXTS:
            return "".join(written)
        around = "".join(piece + self.between() for piece in ["", *written])
        likeness = {"c": "v", "row": "c", "si": "t", "worksheet": "sheetData", "sheetData": "row"}.get(element.tag)
        foreign = f"<own:{likeness}>7</own:{likeness}>" if likeness and self._spelling.chance("foreign") else ""
        return around + foreign

    def between(self) -> str:
        """What may stand between two elements."""
        pieces = ["\n  "] if self._spelling.chance("indented") else []
        if self._spelling.random.random() < 0.3:
            pieces += self._remarks()
        return "".join(pieces)

    def _remarks(self) -> list[str]:
        found = []
        if self._spelling.chance("comments"):
            found.append(self._random.choice(("<!-- 7 -->", '<!--<c r="A1" t="e"><v>7</v></c>-->', "<!---->")))
        if self._spelling.chance("instructions"):
            found.append(self._random.choice(("<?own 7?>", '<?c r="A1"?>')))
        return found

    def _attribute(self, key: str, value: str) -> str:
        spaced = " = " if self._spelling.chance("spaces") else "="
        text = quoteattr(value, {"\n": "&#10;"})
        if self._spelling.chance("quotes") and "'" not in value:
            text = "'" + escape(value, {"\n": "&#10;"}) + "'"
        if self._spelling.chance("references") and value and not key.startswith("xmlns"):
            place = self._random.randrange(len(value))
            text = quoteattr(value[:place])[1:-1] + f"&#{ord(value[place])};" + quoteattr(value[place + 1 :])[1:-1]
            text = '"' + text.replace('"', "&quot;") + '"'
        return (self._space() or " ") + key + spaced + text

    def _space(self) -> str:
        return self._random.choice((" ", "\n", "\t", "  ")) if self._spelling.chance("spaces") else ""

    def _text(self, text: str) -> str:
        """A text, whole or in pieces that are spelled in different ways."""
        pieces = [text]
        if len(text) > 1 and self._spelling.features & {"cdata", "comments", "instructions"}:
            cut = self._random.randrange(1, len(text))
            pieces = [text[:cut], text[cut:]]
        found = []
        for number, piece in enumerate(pieces):
            if number and self._random.random() < 0.5:
                found += self._remarks()
            if self._spelling.chance("cdata") and "]]>" not in piece:
                found.append(f"<![CDATA[{piece}]]>")
            elif self._spelling.chance("references"):
                found.append("".join(f"&#x{ord(c):X};" if self._random.random() < 0.3 else escape(c) for c in piece))
            else:
                found.append(escape(piece))
        return "".join(found)
