"""What is known of a generated workbook: its cells and spelling, its records, and how its tables are laid out."""

from dataclasses import dataclass, field
from datetime import date

from second_reader import Record

from packages import Book
from packages_xml import Spelling


@dataclass
class Made:
    """A workbook with its name and spelling; `expected` are the records of a clean one."""

    seed: int
    name: str
    period: date | None
    book: Book
    spelling: Spelling
    clean: bool
    expected: list[Record] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


@dataclass
class Layout:
    """The columns of one table: field or extra header by position, the unit of each measure, and where it stands."""

    columns: list[str]
    units: dict[str, str]
    stated: dict[str, str]
    """Measure to `header`, `row`, `title`, or `none`."""
