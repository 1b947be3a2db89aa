"""What a comparison of a plan with the mart gives, and what the plan keeps of it."""

from dataclasses import dataclass, field
from typing import IO

from extract.plan.month_before import MonthBefore


@dataclass(frozen=True)
class Difference:
    """One field of a key: what the mart has, and what the workbooks have (None: nothing)."""

    change: str
    key: tuple[str, ...]
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Diff:
    """A plan compared with the mart: numbers of keys, and of changed values by field.

    `position` is the batch that the marts were of.
    `absent` keys are in the mart for the same scope (such as month and company), but not in the workbooks. `lines` is
    the content of diff.csv: change, key, field, old, new, and where the value stands; it has absent keys only where the
    mode removes them.
    """

    table: str
    position: int
    mart_exists: bool
    new: int
    changed: int
    unchanged: int
    absent: int
    changed_fields: dict[str, int]
    examples: tuple[Difference, ...]
    month_before: MonthBefore
    lines: IO[bytes] = field(repr=False)
    lookalikes: tuple[str, ...] = ()
    """What is to be said of codes that look like others in the mart."""
    position_at: str | None = None
    """When the batch of the position was loaded: what tells one ledger from another."""
    not_built: int = 0
    """How many batches of the domain were loaded and are not in the mart yet, so that it shows less than counts."""
