"""`run.py page`: the page of a month, written to a file."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from extract.database.targets import database_target
from extract.errors.plan import DiskFailed
from extract.errors.warehouse import PageRefused
from extract.files.versions import PeriodRange
from extract.settings import ROOT, Settings
from extract.steps import timed_step
from orchestrate.page.document import document
from orchestrate.page.found_tests import asked_tests
from orchestrate.page.frame import Sight
from orchestrate.page.reading import MonthFigures, read_month

PAGES = Path("pages")
_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True)
class Page:
    """A page that was written: where, and of what."""

    path: Path
    figures: MonthFigures


def write_page(settings: Settings, months: PeriodRange | None, path: Path | None, commands: frozenset[str]) -> Page:
    """Write the page of a month (by default the newest) to a file (by default pages/YYYY-MM.html), replacing it.

    `commands` are the names of the commands that the page may tell of. Raises PageRefused, NothingPublished,
    MonthNotPublished, DiskFailed, and the errors of the database.
    """
    if path and (path.suffix.lower() not in _SUFFIXES or path.is_dir()):
        raise PageRefused(path=str(path))
    target = database_target(settings)
    with timed_step("page written") as fields:
        figures = read_month(target, months)
        tests = asked_tests(settings.dbt_project, target.label, figures.published, figures.last_build)
        content = document(Sight(figures, tests, commands), datetime.now(UTC)).encode()
        path = path or ROOT / PAGES / f"{figures.month:%Y-%m}.html"
        fields |= {"month": f"{figures.month:%Y-%m}", "bytes": len(content), "path": path}
        _replace(path, content)
    return Page(path, figures)


def _replace(path: Path, content: bytes) -> None:
    working = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        working.write_bytes(content)
        working.replace(path)
    except OSError as error:
        working.unlink(missing_ok=True)
        raise DiskFailed(path=str(path), problem=error.strerror or str(error)) from None
