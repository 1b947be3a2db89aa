"""What a person sees while workbooks are read and loaded, and of the build that follows."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text

from console.extractions import show_extraction
from console.terminal import local_time, new_console, show_database, show_identity, show_mending, show_next_build
from extract.foreign import shown
from extract.plan.landing import Extraction
from extract.wording import again, say
from extract.words import word
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

        # of one workbook, 0/1 would say nothing until the end: its rows do, once there are many
        counted = TextColumn("{task.fields[rows]}") if total == 1 else MofNCompleteColumn()
        columns = (TextColumn(word(step)), BarColumn(), counted, TimeElapsedColumn())
        self._bar = Bar(*columns, console=new_console(stderr=True), transient=True)
        self._bar.add_task(word(step), total=None if total == 1 else total, rows="")
        self._bar.start()

    def advanced(self, done: int, part: str) -> None:  # noqa: ARG002  # the bar only counts
        """Move the bar."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done)

    def counting_rows(self) -> Callable[[int], None] | None:
        """What shows the rows of a single workbook, where there will be a bar."""
        return self._show_rows if sys.stderr.isatty() else None

    def _show_rows(self, rows: int) -> None:
        if self._bar:
            self._bar.update(self._bar.task_ids[0], rows=say("{rows:,} rows", rows=rows))

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
        when = local_time(file.loaded_at)
        text = say(
            "Skipped:  {workbook}: loaded already in batch {batch} on {when}",
            workbook=shown(file.data_source),
            batch=file.batch_id,
            when=when,
        )
        console.print(Text(text, style="yellow"))
    for detail in load.lookalikes:
        console.print(
            Text(say("warning {code}: {detail}", code="confusable_code", detail=again(detail)), style="yellow")
        )
    for detail in load.columns_gone:
        console.print(Text(say("warning {code}: {detail}", code="column_gone", detail=again(detail)), style="yellow"))
    for detail in load.older:
        console.print(Text(say("warning {code}: {detail}", code="older_edition", detail=again(detail)), style="yellow"))
    if load.batch_id is None:
        text = say("Loaded:   nothing, since every workbook is loaded already; --reload loads them again")
        console.print(Text(text))
        return
    told = {
        "batch": load.batch_id,
        "rows": load.rows,
        "files": load.files,
        "table": load.table,
        "rejects": load.rejects,
        "seconds": committed.seconds,
        "withdrawn": load.withdrawn,
    }
    if load.withdrawn:
        text = say(
            "Loaded:   batch {batch}, {rows:,} rows of {files} workbook(s) into {table}, {withdrawn:,} keys withdrawn, "
            "{rejects:,} rejected, in {seconds:.2f} s",
            **told,
        )
    else:
        text = say(
            "Loaded:   batch {batch}, {rows:,} rows of {files} workbook(s) into {table}, {rejects:,} rejected, "
            "in {seconds:.2f} s",
            **told,
        )
    console.print(Text(text, style="bold"))


def _show_profile(profile: ProfileReady, *, built: bool) -> None:
    """The command that builds the marts where no build follows, and what it still needs."""
    console = new_console()
    if not profile.written:
        text = say("profiles.yml is your own and was left alone: see that it names the same database")
        console.print(Text(text))
    if built:
        return
    if profile.missing:
        text = say("dbt does not read .env: export {variables}, or load with --build", variables=profile.missing)
        console.print(Text(text))
    show_next_build(profile.project)


def _show_kept(kept: PlanKept) -> None:
    """Where the plan of a load is, and where its rejects can be mended."""
    console = new_console()
    console.print(Text(say("Plan:     {path}", path=kept.directory)))
    show_mending(kept.directory, kept.mending)


def show_build(build: "Build") -> None:
    """What was published, how many tests passed, and one by one what warned or was skipped."""
    console = new_console()
    published = [node.name for node in build.nodes if node.schema == build.publication.schema]
    tests = [node for node in build.nodes if node.kind in ("test", "unit_test")]
    remarkable = [node for node in build.nodes if node.status not in ("pass", "success", "no-op")]
    for node in remarkable:
        text = f"{node.status} {node.name}" + (f": {node.message}" if node.message else "")
        console.print(Text(text, style="yellow"), soft_wrap=True)
    built = say(
        "Built:    {marts} marts published, {passed:,} of {tests:,} tests passed, in {seconds:.1f} s",
        marts=len(published),
        passed=sum(node not in remarkable for node in tests),
        tests=len(tests),
        seconds=sum(node.seconds for node in build.nodes),
    )
    console.print(Text(built, style="bold"))
    console.print(Text(f"          {', '.join(sorted(published))}", style="dim"), soft_wrap=True)
