"""What all sections of the page share: their frame, what is said of a mart that is not there, the names of codes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from extract.commands import typed
from extract.wording import say
from orchestrate.page.found_tests import AskedTests
from orchestrate.page.markup import element, note, text
from orchestrate.page.parts import Absence, Part
from orchestrate.page.reading import MonthFigures


@dataclass(frozen=True)
class Sight:
    """What a section is made of: the figures, the tests (None where they are not known here), and what can be typed.

    `commands` are the names of the commands that this version has; the page names no other.
    """

    figures: MonthFigures
    tests: AskedTests | None
    commands: frozenset[str]

    @property
    def period(self) -> str:
        """The month as commands take it."""
        return f"{self.figures.month:%Y-%m}"

    def command(self, *words: str) -> str | None:
        """A command as it is typed; None where this version has none of that name."""
        return typed(["python", "run.py", *words]) if words[0] in self.commands else None


@dataclass(frozen=True)
class Tile:
    """A number at the head of the page; `kind` is good, warn, bad or calm."""

    figure: object
    words: str
    kind: str = "calm"


def section(name: str, title: str, *content: object) -> Markup:
    """A section that the head of the page links to."""
    return element("section", element("h2", title), *content, id=name)


def absent(part: Part) -> Markup:
    """That a relation could not be read, and so nothing is known; nothing where it could."""
    match part.absence:
        case None:
            return Markup("")
        case Absence.MISSING:
            words = say("Not known: {relation} is not in this database", relation=part.relation)
        case Absence.UNREADABLE:
            words = say("Not known: this login may not read {relation}", relation=part.relation)
        case Absence.OTHER_VERSION:
            words = say("Not known: {relation} was built by another version", relation=part.relation)
    return note(words, "absent")


def named(names: dict[object, str]) -> Callable[[object], Markup]:
    """Writes a code with its name below it, where it has one."""

    def write(value: object) -> Markup:
        name = names.get(value)
        return text(value) + (element("small", text(name)) if name else Markup(""))

    return write


def legend(items: Iterable[tuple[str, str]]) -> Markup:
    """What the colours of a drawing mean, as class and words."""
    square = '<svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{}" width="10" height="10"/></svg>{}'
    return element(
        "p", *(element("span", Markup(square).format(kind, words)) for kind, words in items), class_="legend"
    )
