"""What long work tells while it goes on, and to whom: steps that begin, advance and end, and what was found on the way.

Whoever works gets an observer and knows nothing about what is shown; `console` has the observers that show.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Protocol, TypeVar, runtime_checkable

Found = TypeVar("Found", contravariant=True)


class Observer(Protocol[Found]):
    """Is told of work while it goes on. One step ends before the next begins; `Found` is what a command may find."""

    def began(self, step: str, total: int | None) -> None:
        """A step began; `total` is the number of its parts, where it is known."""

    def advanced(self, done: int, part: str) -> None:
        """`done` parts of the step are done; `part` names the last one. It may come from another thread."""

    def ended(self) -> None:
        """The step ended, well or not."""

    def found(self, result: Found) -> None:
        """A part of the result is known, and the command goes on."""


@runtime_checkable
class CountsRows(Protocol):
    """An observer that shows how many rows of a single workbook are read, where somebody looks."""

    def counting_rows(self) -> Callable[[int], None] | None:
        """What is told the number of rows; None where nobody looks."""


class Silent:
    """The observer that lets everything pass."""

    def began(self, step: str, total: int | None) -> None:
        """Nothing."""

    def advanced(self, done: int, part: str) -> None:
        """Nothing."""

    def ended(self) -> None:
        """Nothing."""

    def found(self, result: object) -> None:
        """Nothing."""


@contextmanager
def observed(observer: Observer[Any], step: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A step that lasts as long as the block; what this yields is called with the name of each part that is done."""
    numbers = count(1)
    observer.began(step, total)
    try:
        yield lambda part: observer.advanced(next(numbers), part)
    finally:
        observer.ended()
