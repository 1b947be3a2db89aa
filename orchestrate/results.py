"""What the commands that plan and load give, while they go on and at the end: values to show, to record, to test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from extract.errors.base import WorkDataHubError
from extract.plan.landing import Extraction
from extract.plan.writing import Plan

if TYPE_CHECKING:  # a plan must not import any database module, and compares nothing
    from extract.database.connection import Target
    from extract.plan.differences import Diff
    from extract.staging.approvals import Approval
    from extract.staging.closings import Closing
    from extract.staging.history import HistoryRepair
    from extract.staging.ledger import Batch, LoadedFile
    from extract.staging.loading import Load
    from extract.staging.retention import Prune
    from extract.staging.withdrawal import Undo


@dataclass(frozen=True)
class Planned:
    """A plan that was written, and compared with the mart where that was asked for; failed where there are errors.

    `database` says in words which one was opened, or which one a load would go into.
    """

    plan: Plan
    database: str
    diff: "Diff | None"
    errors: tuple[WorkDataHubError, ...]


@dataclass(frozen=True)
class PlanOpened:
    """A plan was found to be what was written; `id` names it."""

    directory: Path
    id: str


@dataclass(frozen=True)
class Connected:
    """A load begins, into the database of this name."""

    database: str


@dataclass(frozen=True)
class Committed:
    """A load is committed, after so many seconds."""

    load: "Load"
    seconds: float


@dataclass(frozen=True)
class ProfileReady:
    """dbt can find the same database, from `project`, the directory of its project.

    `written` is false where profiles.yml is the user's own; `missing` is a variable that dbt needs and only .env holds.
    """

    project: Path
    written: bool
    missing: str | None


@dataclass(frozen=True)
class PlanKept:
    """The plan of a load was written; `mending` is the command that loads its rejects once they are mended, if any."""

    directory: Path
    mending: tuple[str, ...]


Progress = Extraction | PlanOpened | Connected | Committed | ProfileReady | PlanKept
"""What an observer finds, in this order, while a command loads. A plan finds its extraction."""


@dataclass(frozen=True)
class Loaded:
    """A load that came to its end; `kept` is its plan, where one was asked for or something was rejected."""

    target: "Target"
    load: "Load"
    kept: PlanKept | None = None
    warnings: Mapping[str, int] = field(default_factory=dict)
    """How many workbooks, or rows of them, each code of a warning is about."""


@dataclass(frozen=True)
class Compared:
    """A plan that was compared with the mart after it was written; `id` names both."""

    directory: Path
    id: str
    database: str
    diff: "Diff"


@dataclass(frozen=True)
class Approved:
    """A plan that was approved."""

    directory: Path
    database: str
    approval: "Approval"


@dataclass(frozen=True)
class History:
    """The batches of a database and their workbooks, and the closings of months, newest first."""

    database: str
    batches: tuple["Batch", ...]
    files: tuple["LoadedFile", ...]
    closings: tuple["Closing", ...]


@dataclass(frozen=True)
class Undone:
    """A batch that was taken out again; `project` is the directory of the dbt project of its marts."""

    target: "Target"
    project: Path
    undo: "Undo"


@dataclass(frozen=True)
class Pruned:
    """What was removed from staging, or would be."""

    database: str
    prune: "Prune"


@dataclass(frozen=True)
class Repaired:
    """The history marts that were mended, or would be."""

    database: str
    histories: tuple["HistoryRepair", ...]
