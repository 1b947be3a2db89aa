"""The plan of what was read: written, and where that is asked for compared with the mart. It loads nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

from extract.modes import Mode
from extract.plan.landing import Extraction, Landing
from extract.plan.writing import default_directory, write_plan
from extract.settings import ROOT, Settings
from extract.steps import timed_step
from extract.wording import Sentence
from orchestrate.results import Planned

if TYPE_CHECKING:
    from extract.database.connection import Target
    from extract.plan.differences import Diff


def plan(extraction: Extraction, mode: Mode, directory: Path | None, settings: Settings) -> Planned:
    """Write the plan, also that of an extraction that failed; without a directory into a new one below plans/.

    No database is opened. Raises PlanDirectoryUnusable and DiskFailed.
    """
    database = Sentence("none was opened; a load would go into {target}", target=_target_name(settings))
    return _write(extraction, mode, directory, database, None)


def plan_with_diff(extraction: Extraction, mode: Mode, directory: Path | None, settings: Settings) -> Planned:
    """Compare the extraction with the mart, then write the plan. Raises the errors of the database too."""
    from extract.database.targets import database_target

    target = database_target(settings)
    diff = compare(extraction, mode, target)
    return _write(extraction, mode, directory, f"{target.label}, for reading only", diff)


def compare(landing: Landing, mode: Mode, target: "Target") -> "Diff":
    """What a load would change in the mart. Raises the errors of the database."""
    from extract.staging import diff as staging

    with timed_step("compared") as fields:
        diff = staging.compare(landing, mode, target)
        fields |= {"new": diff.new, "changed": diff.changed, "unchanged": diff.unchanged, "absent": diff.absent}
    return diff


def _write(extraction: Extraction, mode: Mode, directory: Path | None, database: str, diff: "Diff | None") -> Planned:
    directory = directory or default_directory(ROOT)
    with timed_step("planned", directory=directory, mode=mode):
        plan = write_plan(extraction, mode, directory, diff)
    return Planned(plan, database, diff, tuple(extraction.errors))


def _target_name(settings: Settings) -> str:
    """The database that a load would use, named without a database module and without the password."""
    database = settings.database
    if database is None:
        return Sentence("the embedded PostgreSQL in .wdh/postgres")
    if database.uri:
        return Sentence("the server of WDH_DATABASE__URI")
    return f"{database.user}@{database.host}:{database.port}/{database.db}"
