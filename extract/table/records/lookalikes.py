"""Codes that load as different ones although they look alike: the warning `confusable_code` (rules.md, plan_code)."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from extract.domains.base import DomainModel
from extract.domains.registry import Domain
from extract.fields.codes import Code
from extract.fields.confusables import mixes_scripts, skeleton, told_letters
from extract.foreign import shown
from extract.table.records.results import FileWarning
from extract.wording import Sentence, counted

CONFUSABLE = "confusable_code"
_TOLD = 5
_SIGNS = re.compile("[0-9A-Z]")
"""What nearly every code holds."""


class CodeWatch:
    """Notes the fields of a domain's key whose codes are worth a comparison, by a quick look at each chunk."""

    def __init__(self, domain: Domain) -> None:
        self.doubtful: set[str] = set()
        self.odd = False
        """Whether a code holds anything but ASCII."""
        self._worded: dict[str, Counter[str]] = defaultdict(Counter)
        self._coded: Counter[str] = Counter()
        self._names = [field.name for field in domain.cell_fields if isinstance(field.type, Code)]
        self._names = [name for name in self._names if name in domain.config.pk]

    def look(self, chunk: DomainModel) -> None:
        """Whether it holds anything but ASCII, or a capital that looks like a digit."""
        for name in self._names:
            codes = getattr(chunk, name)
            text = "".join(codes)
            words = [] if text.isascii() else [code for code in codes if not _SIGNS.search(code)]
            self._worded[name].update(words)
            self._coded[name] += len(codes) - len(words)
            self.odd = self.odd or not text.isascii()
            if not text.isascii() or "O" in text or "I" in text:
                self.doubtful.add(name)

    def unlike(self) -> Iterator[FileWarning]:
        """Warnings about codes that are words, where more of the column hold a Latin letter or a digit: 待定, 总."""
        for name, words in self._worded.items():
            if 0 < words.total() <= self._coded[name]:
                detail = Sentence(
                    "{field}: {codes}: of words, unlike the other codes: see that each is a code and no label",
                    field=name,
                    codes=counted(list(map(shown, words)), _TOLD),
                )
                yield FileWarning("code_unlike", detail)


def confusable_codes(field: str, codes: Iterable[str], known: Mapping[str, Iterable[str]]) -> FileWarning | None:
    """The warning about codes of mixed scripts, and codes that look like another one; None where there are none.

    `known` maps a place (the name of a seed, a table) to the codes there; codes that look like one of these count too.
    """
    distinct = sorted(set(codes))
    told = list(_findings(distinct, known))
    if not told:
        return None
    some: Sentence = Sentence.joined("; ", told[:_TOLD])
    if len(told) > _TOLD:
        some = Sentence("{names} and {more} more", names=some, more=len(told) - _TOLD)
    detail = Sentence("{field}: {codes}: see that each is the code that was meant", field=field, codes=some)
    return FileWarning(CONFUSABLE, detail)


def _findings(codes: Sequence[str], known: Mapping[str, Iterable[str]]) -> Iterator[str]:
    by_look: dict[str, list[str]] = {}
    for code in codes:
        by_look.setdefault(skeleton(code), []).append(code)
    alike = {code: others for others in by_look.values() if len(others) > 1 for code in others}
    for others in by_look.values():
        if len(others) > 1:
            yield Sentence("{codes} look alike", codes=_and(map(_named, islice(others, _TOLD))))
    for place, there in known.items():
        for other in sorted(set(there).difference(codes)):
            for code in by_look.get(skeleton(other), ()):
                yield Sentence(
                    "{code} looks like {other} of {place}", code=_named(code), other=_named(other), place=place
                )
    yield from (
        Sentence("{code} mixes scripts", code=_named(code))
        for code in codes
        if code not in alike and mixes_scripts(code)
    )


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return Sentence("{names} and {last}", names=_and(others), last=last) if others else last


def _named(code: str) -> str:
    odd = told_letters(code)
    return f"{shown(code)} ({shown(odd)})" if odd else shown(code)


def seeded_codes(folder: Path, field: str) -> dict[str, set[str]]:
    """The codes that the seeds hold in the column of a field, by the names of their files."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.csv")):
        with suppress(OSError, UnicodeDecodeError, csv.Error), path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines)
            if field in (rows.fieldnames or ()):
                found[path.name] = {row[field] for row in rows if row[field]}
    return found  # whether a seed is a proper one is for dbt to say
