"""What `setup` shows: each step as it ends, what failed or warned, and what to do next."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from console.terminal import new_console, show_commands, show_message

if TYPE_CHECKING:
    from orchestrate.dbt.manifest import Manifest
    from orchestrate.warehouse.runs import Run, Step

STYLES = {
    "ok": "green", "pass": "green", "success": "green", "warnings": "yellow", "warn": "yellow", "failed": "bold red",
    "fail": "bold red", "error": "bold red", "could not run": "bold red", "interrupted": "bold red", "skipped": "dim",
}  # fmt: skip
_WIDTH = 11


class SetupView:
    """Shows a setup as it goes; with `quiet` nothing."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._console = new_console()

    def show_start(self, run: "Run") -> None:
        """Which run it is, and which database it uses."""
        if self._quiet:
            return
        self._console.print(Text.assemble((f"Setup of {run.database}", "bold")))
        self._console.print(Text(f"{run.mode}, run {run.run_id}", style="dim"))

    def show_step(self, step: "Step") -> None:
        """A step that has ended."""
        if self._quiet:
            return
        status = Text(f"{step.status:<{_WIDTH}}", style=STYLES.get(step.status, ""))
        line = Text.assemble("  ", status, f" {step.name:<{_WIDTH}} {step.seconds:>7.2f} s  ", (step.detail, "dim"))
        self._console.print(line, soft_wrap=True)

    @contextmanager
    def progress(self, step: str) -> Iterator[Callable[[str], None] | None]:
        """Something that is called with each node that dbt has finished; a line that moves where this is a terminal."""
        stderr = new_console(stderr=True)
        if self._quiet or not stderr.is_terminal:
            yield None
            return
        done = 0
        with stderr.status(step) as status:

            def tell(node: str) -> None:
                nonlocal done
                done += 1
                text = f"{step}: {done} done, {node.split('.')[2]}"
                status.update(Text(text, no_wrap=True, overflow="ellipsis"))

            yield tell

    def show_end(self, run: "Run", directory: Path) -> None:
        """What failed or warned, and how the run ended; with `quiet` where to read about a run that failed.

        The error itself is shown on stderr.
        """
        ready = run.status in ("success", "warnings")
        if self._quiet:
            if not ready:
                show_message(f"{run.status}: {directory / 'run.json'}")
            return
        show_remarkable(run)
        if run.waited_for_locks >= 1:
            self._console.print(
                Text(f"Waited {run.waited_for_locks:.0f} s for locks of other sessions", style="yellow")
            )
        if not ready:
            self._console.print(Text(f"Stopped: {run.status} after {run.seconds:.1f} s", style="bold red"))
            self._console.print(Text(f"Report:  python run.py report {run.run_id}"))
            return
        partial = "; validation partial: --quick left the rest out" if run.mode.startswith("quick") else ""
        warned = " with warnings" if run.status == "warnings" else ""
        style = "bold yellow" if warned or partial else "bold green"
        self._console.print(Text(f"Ready{warned} after {run.seconds:.1f} s{partial}", style=style))
        if any(age.status == "empty" for age in run.freshness):
            self._console.print(Text("Nothing was loaded yet. Next:"))
            show_commands(["python", "run.py", "--execute", "--build"])


def show_remarkable(run: "Run") -> None:
    """The nodes that failed, could not run or warned, with the query that shows the rows."""
    console = new_console()
    for node in run.nodes:
        if node.status in ("success", "pass", "skipped", "no-op"):
            continue
        limit = node.warn_if if node.status == "warn" else node.error_if
        what = f"{node.observed:,} rows, limit {limit}" if node.observed is not None else node.message
        head = Text(f"  {node.status:<{_WIDTH}}", style=STYLES.get(node.status, ""))
        console.print(Text.assemble(head, f" {node.name}: ", what), soft_wrap=True)
        if node.failures_in:
            console.print(Text(f"  {'':<{_WIDTH}} select * from {node.failures_in}", style="cyan"), soft_wrap=True)


def show_setup_plan(
    manifest: "Manifest",
    chosen: set[str],
    chosen_by: Sequence[str],
    *,
    quick: bool,
    database: str,
    losses: Sequence[str],
) -> None:
    """The nodes that a setup would run, part by part, and how dbt selects them; nothing was touched.

    `losses` are what `--reset` removes and a build may not bring back.
    """
    console = new_console()
    console.print(Text("dbt build --indirect-selection buildable --select " + " ".join(chosen_by)), soft_wrap=True)
    if not quick:
        console.print(Text("dbt build --indirect-selection buildable --exclude the same"))
    table = Table(title=f"Would run in {database}", title_justify="left")
    for name in ("step", "kind", "node", "relation"):
        table.add_column(name, overflow="fold")
    for node in manifest.nodes.values():
        if node.relation is None:
            continue
        first = node.unique_id in chosen
        step = "seeds" if node.kind == "seed" else "foundation" if first else "models"
        if first or not quick:
            table.add_row(step, f"{node.kind} ({node.materialized})", node.name, str(node.relation))
    console.print(table)
    tests = sum(node.kind in ("test", "unit_test") for node in manifest.nodes.values())
    for loss in losses:
        console.print(Text(f"--reset removes {loss}", style="bold yellow"), soft_wrap=True)
    console.print(Text(f"and {tests} tests where what they need was built. Nothing was touched."))
