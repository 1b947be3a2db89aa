"""An Office Open XML package: its parts, found by the relationships and never by their names.

Standard: ECMA-376 part 2 (packages, relationships), part 1, 12 (the parts of a workbook). Part names are compared in
any case (part 2, 6.2.2.3); a backslash, which some programs write, counts as a slash.
"""

import io
import posixpath
import zipfile
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET


@dataclass(frozen=True)
class Relationship:
    """A relationship of a part to another part: its id, the last word of its type, and the name of the part."""

    id: str
    kind: str
    target: str


def parsed(part: bytes) -> ET.Element:
    """The root of a part. Raises ParseError, or ValueError for a document type declaration."""
    if any("<!DOCTYPE".encode(encoding) in part for encoding in ("ascii", "utf-16-le", "utf-16-be")):
        raise ValueError("a part of it declares a document type, which no workbook does")
    try:
        return ET.fromstring(part)
    except LookupError as error:  # it is said to be in an encoding that nobody knows
        raise ValueError(str(error)) from None


class Package:
    """The parts of a package. Raises ValueError, KeyError, ParseError or BadZipFile for one that is broken."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self._names: dict[str, str] = {}
        for name in self._archive.namelist():
            folded = name.replace("\\", "/").strip("/").lower()
            if folded in self._names:
                raise ValueError(f"it holds the part {name} twice")
            self._names[folded] = name

    @cached_property
    def main(self) -> str:
        """The name of the main part, to which the package itself has a relationship."""
        found = [item.target for item in self.relationships("") if item.kind == "officeDocument"]
        if "_rels/.rels" not in self._names:  # some programs leave it out, and Excel looks for a workbook all the same
            found = [name for name in self._names if posixpath.basename(name) in ("workbook.xml", "workbook.bin")]
        if len(found) != 1:
            raise ValueError(f"the package names {len(found)} main parts in _rels/.rels, where one belongs")
        return found[0]

    def read(self, part: str) -> bytes:
        """The bytes of a part. Raises KeyError with its name where it is missing."""
        name = self._names.get(part.lower())
        if name is None:
            raise KeyError(f"the part {part} is missing")
        return self._archive.read(name)

    def relationships(self, part: str) -> list[Relationship]:
        """The relationships of a part (of the package itself for ""), without those that lead outside."""
        folder, name = posixpath.split(part)
        where = posixpath.join(folder, "_rels", f"{name}.rels")
        if where.lower() not in self._names:
            return []
        found = []
        for item in parsed(self.read(where)):
            if item.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/")
                found.append(Relationship(item.get("Id", ""), item.get("Type", "").rpartition("/")[2], target))
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The part of a kind that `part` has a relationship to; None where it has none. Raises ValueError for two."""
        found = {item.target for item in self.relationships(part) if item.kind == kind}
        if len(found) > 1:
            raise ValueError(f"{part} names several parts as its {kind}: {', '.join(sorted(found))}")
        return next(iter(found), None)
