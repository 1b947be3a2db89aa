"""The headers that a domain accepts: which field a header names, in which unit, and which it only resembles.

Rule: rules.md, the table of headers. Headers are compared after NFKC, without white space, in any case; footnote
marks, a unit behind them and the qualifiers of the field are taken off.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from extract.domains.registry import Domain
from extract.fields.base import Input
from extract.table.statements.unit_words import looks_like_unit, units_in, with_signs
from extract.workbook.cells import Cell, display, ends, simplified, squeeze

Target = tuple[str, int]
"""A field, and the number of its input: only a period has several."""

_MARKS = re.compile(
    r"(?:[*＊※#＃†‡§¹²³⁰⁴-⁹①-⓿❶-➓㊀-㊉]|[(（\[【]?注[0-9０-９一二三四五六七八九十]{0,3}[)）\]】]?)+"
    r"(?=\s*(?:$|[(（\[【{〔]))"
)
"""Footnote marks behind a header or before its bracket, before NFKC makes digits of them."""
_BRACKET = re.compile(r"[(\[【{〔〖「『<《]([^()\[\]【】{}〔〕〖〗「」『』<>《》]*)[)\]】}〕〗」』>》]$")
_BRACKET_BEFORE = re.compile(r"[(\[【{〔〖「『<《]([^()\[\]【】{}〔〕〖〗「」『』<>《》]+)[)\]】}〕〗」』>》]")
_LEADING = re.compile(r"^(?:[*※★●○·]+|[(]?(?:[0-9]{1,2}|[a-z])[).、])+(?=[^0-9])")
"""What forms write before a header: the star of a required field, a number."""
_SEPARATORS = "/:-,、|_;=·—–\u2010\u2011"
_MOST_PEELED = 16
"""Brackets, marks and units that are taken off a header."""
_LONGEST_DOUBTFUL = 200
_OF_SENDING = re.compile("(?:报送|填报|上报|报出)日期?")
"""A day of sending, however near its name is to 报告日期."""
_MOST_NAMES = 3
_SHORTEST = 2
"""Characters of an accepted header from which another one may resemble it."""


@dataclass(frozen=True)
class HeaderName:
    """What a header names: the field and its input, and the texts that stand where a unit may stand."""

    target: Target
    units: tuple[str, ...] = ()


def normal_header(cell: Cell) -> str:
    """A header in the form in which headers are compared; of a very long text its beginning and its end."""
    return _normal_text(ends(display(cell)))


@lru_cache(maxsize=4096)
def _normal_text(text: str) -> str:
    return simplified(squeeze(text).lower())


class HeaderNames:
    """The accepted headers of one domain, with the aliases and qualifiers of the configuration.

    `period` is the month of the file name: `11月` beside a measure then says no more than the name does.
    """

    def __init__(self, domain: Domain, period: date | None = None) -> None:
        self.period = period
        self.inputs: dict[str, tuple[Input, ...]] = {
            field.name: field.type.inputs(field.name) for field in domain.cell_fields if not field.type.reads
        }
        self.powers = {field.name: field.type.unit_powers for field in domain.cell_fields}
        self.keys = frozenset(domain.config.pk)
        self._accepted: dict[str, Target] = {
            normal_header(header): (name, part)
            for name, inputs in self.inputs.items()
            for part, source in enumerate(inputs)
            for header in (*source.headers, *domain.aliases.get(source.name, ()))
        }
        months = (f"{period.month}月", f"{period.month:02}月", f"{period.year}年{period.month}月") if period else ()
        self._qualifiers = {
            field.name: tuple(
                map(normal_header, (*field.type.qualifiers, *domain.config.qualifiers.get(field.name, ()), *months))
            )
            for field in domain.cell_fields
            if field.name not in self.keys
        }
        self.headers = frozenset(self._accepted)
        self._any_header = re.compile("|".join(map(re.escape, self.headers)))
        self._known = {unit for powers in self.powers.values() for unit in powers}
        self._units = sorted(self._known, key=len, reverse=True)

    def find(self, text: str) -> HeaderName | None:
        """What a header names; None for one that is not accepted."""
        found = self._found(text)
        if found is None and (target := self._accepted.get(normal_header(text))):  # one that ends with a mark
            return self._named(target, [], [])
        return found or self._found_twice(text) or self._found_behind_unit(text)

    def _found_twice(self, text: str) -> HeaderName | None:
        """What a header names in two languages: 收益率 return_rate."""
        parts = text.split()
        names = [self._found(part) for part in parts] if 1 < len(parts) <= _MOST_NAMES else []
        found = [name for name in names if name]
        if not found or len(found) < len(names) or len({name.target for name in found}) > 1:
            return None
        return HeaderName(found[0].target, tuple(unit for name in found for unit in name.units))

    def _found_behind_unit(self, text: str) -> HeaderName | None:
        """What a header of a measure names that begins with its unit: (万元)规模, %收益率."""
        name = with_signs(_plain(text))
        bracket = _BRACKET_BEFORE.match(name)
        if bracket and looks_like_unit(bracket[1]):
            unit, rest = bracket[1], name[bracket.end() :]
        else:
            name = name.removeprefix("人民币")
            unit = next((unit for unit in self._units if name.startswith(unit)), "")
            rest = name.removeprefix(unit) if unit else ""
        found = self._found(rest) if rest else None
        if found is None or found.units or found.target[0] in self.keys:
            return None
        return HeaderName(found.target, (unit,))

    def resembled(self, text: str) -> Target | None:
        """The input whose accepted header an unknown one resembles: it holds it, is part of it, sounds like it, or
        differs by one character.

        The caller knows whether that input was found otherwise.
        """
        name = peeled(normal_header(_MARKS.sub("", ends(text))))
        if not _SHORTEST <= len(name) <= _LONGEST_DOUBTFUL or _OF_SENDING.fullmatch(name):
            return None
        near = (accepted for accepted in self._accepted if len(accepted) >= _SHORTEST)
        return next((self._accepted[accepted] for accepted in sorted(near, key=len, reverse=True)
                     if _resembles(name, accepted)), None)  # fmt: skip

    def _found(self, text: str) -> HeaderName | None:
        """Peel marks, brackets, and units behind a separator off the end until an accepted header is left."""
        units: list[str] = []
        brackets: list[str] = []
        rest = _plain(text)
        if not self._any_header.search(rest):  # most texts are no header at all
            return None
        for _ in range(_MOST_PEELED):
            if not rest:
                break
            if target := self._target(rest):
                return self._named(target, units, brackets)
            if (units or brackets) and (target := self._target(rest.removesuffix("单位"))):
                return self._named(target, units, brackets)  # 规模单位：万元
            if match := _BRACKET.search(rest):
                brackets.append(match[1])
                rest = rest[: match.start()]
                rest = normal_header(_MARKS.sub("", rest)) if match.start() else ""
                continue
            shorter, unit = self._without_unit(rest)
            if unit is None:
                return None
            units.append(unit)
            rest = shorter
        return None

    def _target(self, name: str) -> Target | None:
        """The input of a header without unit: as accepted, or with a qualifier of its field before or behind it."""
        if found := self._accepted.get(name):
            return found
        for accepted, target in self._accepted.items():
            if accepted in name and target[0] in self._qualifiers:
                before, _, behind = name.partition(accepted)
                if (before + behind) in self._qualifiers[target[0]]:
                    return target
        return None

    def _named(self, target: Target, units: list[str], brackets: list[str]) -> HeaderName:
        name = target[0]
        if name in self.keys:  # a bracket on a key column is a remark
            return HeaderName(target)
        units += (part for part in brackets if not _MARKS.fullmatch(part))
        return HeaderName(target, tuple(dict.fromkeys(units)))

    def _without_unit(self, name: str) -> tuple[str, str | None]:
        """A header without the unit behind a separator, or right behind it; None where none stands there."""
        name = with_signs(name)
        position = max(name.rfind(separator) for separator in _SEPARATORS)
        if position > 0 and looks_like_unit(name[position + 1 :]):
            return name[:position], name[position + 1 :]
        for unit in self._units:
            rest = name.removesuffix(unit)
            if name != rest and any(self._target(rest.removesuffix(word)) for word in ("", "人民币")):
                return rest.removesuffix("人民币"), unit
        return name, None

    def mentioned(self, text: str) -> set[str]:
        """The fields of which an accepted header stands in a text."""
        return {self._accepted[header][0] for header in self._any_header.findall(normal_header(text))}

    def unit_power(self, name: str, texts: Iterable[str]) -> tuple[int | None, str]:
        """The power of ten that the texts where a unit may stand give a field, and the text of a unit that it has not.

        (None, "") where they name no unit.
        """
        powers: dict[str, int] = {}
        for text in texts:
            for unit in units_in(text):
                if unit not in self.powers[name]:
                    return None, text
                powers[unit] = self.powers[name][unit]
        if len(set(powers.values())) > 1:
            return None, "".join(f"({unit})" for unit in powers)
        return next(iter(powers.values()), None), ""

    def unit_of(self, name: str, power: int) -> str:
        """The first unit of a field that has a power of ten."""
        return next(unit for unit, known in self.powers[name].items() if known == power)

    @staticmethod
    def brackets_of(text: str) -> list[str]:
        """What stands in the brackets at the end of a header, in their order."""
        found: list[str] = []
        rest = normal_header(text)
        while len(found) < _MOST_PEELED and (match := _BRACKET.search(rest)):
            found.insert(0, match[1])
            rest = rest[: match.start()]
        return found

    def other_unit(self, name: str, text: str) -> bool:
        """Whether a text names a unit of other fields only."""
        return text in self._known - set(self.powers[name])


def _plain(text: str) -> str:
    """A normal header without marks behind it, numbers and stars before it, and a colon."""
    return _LEADING.sub("", normal_header(_MARKS.sub("", ends(text.strip()))).rstrip(":"))


def peeled(name: str) -> str:
    """A header without the brackets at its end."""
    for _ in range(_MOST_PEELED):
        match = _BRACKET.search(name)
        if not match:
            break
        name = name[: match.start()]
    return name


def _resembles(name: str, accepted: str) -> bool:
    if accepted in name or (name in accepted and len(name) * 2 > len(accepted)):
        return True
    if abs(len(name) - len(accepted)) > 1:
        return False
    if len(accepted) > _SHORTEST and any(variant == accepted for variant in _one_edit(name, accepted)):
        return True
    return len(name) == len(accepted) and _sound(name) == _sound(accepted)


def _one_edit(name: str, accepted: str) -> Iterator[str]:
    """`name` with one character replaced, left out or added so that it may become `accepted`."""
    for index in range(len(name) + 1):
        if len(name) == len(accepted) and index < len(name):
            yield name[:index] + accepted[index] + name[index + 1 :]
        elif len(name) > len(accepted) and index < len(name):
            yield name[:index] + name[index + 1 :]
        elif len(name) < len(accepted):
            yield name[:index] + accepted[index] + name[index:]


@lru_cache(maxsize=1024)
def _sound(name: str) -> str:
    """How a Chinese word is pronounced, without tones."""
    from pypinyin import lazy_pinyin  # its table takes time to load, and only a doubtful header needs it

    return " ".join(lazy_pinyin(name))
