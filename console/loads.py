"""What a person sees while workbooks are read and loaded, and of the build that follows."""

import sys
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.extractions import show_extraction
from console.terminal import new_console, show_database, show_identity, show_mending, show_next_build
from extract.foreign import shown
from extract.plan.landing import Extraction
from orchestrate.results import Committed, Connected, PlanKept, PlanOpened, ProfileReady, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from orchestrate.dbt.build import Build


class LoadView:
    """Shows a plan or a load as it goes; with a bar on stderr where that is a terminal. `build`: dbt follows."""

    def __init__(self, *, build: bool = False) -> None:
        self._build = build
        self._bar: Bar | None = None

    def began(self, step: str, total: int | None) -> None:
        """Show the bar."""
        if not sys.stderr.isatty():
            return
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn(step), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Bar(*columns, console=new_console(stderr=True), transient=True)
        self._bar.add_task(step, total=total)
        self._bar.start()

    def advanced(self, done: int, part: str) -> None:  # noqa: ARG002  # the bar only counts
        """Move the bar."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done)

    def ended(self) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()
            self._bar = None

    def found(self, result: Progress) -> None:
        """Show what is known by now."""
        match result:
            case Extraction():
                show_extraction(result)
            case PlanOpened():
                show_identity(result.directory, result.id)
            case Connected():
                show_database(result.database)
            case Committed():
                _show_committed(result)
            case ProfileReady():
                _show_profile(result, built=self._build)
            case PlanKept():
                _show_kept(result)


def _show_committed(committed: Committed) -> None:
    """What was committed, and which workbooks were left out since they are loaded already."""
    console = new_console()
    load = committed.load
    for file in load.skipped:
        when = f"{file.loaded_at:%Y-%m-%d %H:%M}"
        text = f"Skipped:  {shown(file.data_source)}: loaded already in batch {file.batch_id} on {when}"
        console.print(Text(text, style="yellow"))
    for detail in load.lookalikes:
        console.print(Text(f"warning confusable_code: {detail}", style="yellow"))
    if load.batch_id is None:
        console.print(Text("Loaded:   nothing, since every workbook is loaded already; --reload loads them again"))
        return
    withdrawn = f"{load.withdrawn:,} keys withdrawn, " if load.withdrawn else ""
    text = (
        f"Loaded:   batch {load.batch_id}, {load.rows:,} rows of {load.files} workbook(s) into {load.table}, "
        f"{withdrawn}{load.rejects:,} rejected, in {committed.seconds:.2f} s"
    )
    console.print(Text(text, style="bold"))


def _show_profile(profile: ProfileReady, *, built: bool) -> None:
    """The command that builds the marts where no build follows, and what it still needs."""
    console = new_console()
    if not profile.written:
        console.print(Text("profiles.yml is your own and was left alone: see that it names the same database"))
    if built:
        return
    if profile.missing:
        console.print(Text(f"dbt does not read .env: export {profile.missing}, or load with --build"))
    show_next_build(profile.project)


def _show_kept(kept: PlanKept) -> None:
    """Where the plan of a load is, and where its rejects can be mended."""
    console = new_console()
    console.print(Text(f"Plan:     {kept.directory}"))
    show_mending(kept.directory, kept.mending)


def show_build(build: "Build") -> None:
    """What dbt did: models and seeds one by one, tests summed up."""
    console = new_console()
    table = Table(title="dbt build", title_justify="left")
    for name in ("node", "kind", "status", "result"):
        table.add_column(name, overflow="fold")
    table.add_column("seconds", justify="right")
    tests = [node for node in build.nodes if node.kind in ("test", "unit_test")]
    for node in build.nodes:
        if node not in tests or node.status not in ("pass", "success"):
            table.add_row(node.name, node.kind, node.status, node.message, f"{node.seconds:.2f}")
    passed = sum(node.status in ("pass", "success") for node in tests)
    table.add_section()
    table.add_row(f"{len(tests)} tests", "", f"{passed} passed", "", f"{sum(t.seconds for t in tests):.2f}")
    console.print(table)
