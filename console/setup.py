"""What `setup` shows: each step as it ends, what failed or warned, and what to do next."""

from typing import TYPE_CHECKING

from rich.status import Status
from rich.table import Table
from rich.text import Text

from console.nodes import STYLES, WIDTH, show_remarkable, waited
from console.streams import show_message
from console.terminal import new_console, show_commands
from extract.wording import again, say
from extract.words import word
from orchestrate.warehouse.runs import Run, Step

if TYPE_CHECKING:
    from orchestrate.warehouse.setup import Setup, SetupPlan


class SetupView:
    """Shows a setup as it goes; a line that moves while dbt works, where stderr is a terminal."""

    def __init__(self) -> None:
        self._console = new_console()
        self._step = ""
        self._moving: Status | None = None

    def began(self, step: str, total: int | None) -> None:  # noqa: ARG002  # dbt does not tell how many nodes there are
        """Show the line that moves."""
        stderr = new_console(stderr=True)
        if stderr.is_terminal:
            self._step, self._moving = step, stderr.status(step)
            self._moving.start()

    def advanced(self, done: int, part: str) -> None:
        """How many nodes dbt has finished, and the last of them."""
        if moving := self._moving:
            text = f"{self._step}: {done} done, {part.split('.')[2]}"
            moving.update(Text(text, no_wrap=True, overflow="ellipsis"))

    def ended(self) -> None:
        """Take the line away."""
        if self._moving:
            self._moving.stop()
            self._moving = None

    def found(self, result: Run | Step) -> None:
        """Show which run it is and which database it uses, then each step that has ended."""
        if isinstance(result, Run):
            self._console.print(Text(say("Setup of {database}", database=again(result.database)), style="bold"))
            self._console.print(Text(say("{mode}, run {run}", mode=result.mode, run=result.run_id), style="dim"))
            return
        status = Text(f"{word(result.status):<{WIDTH}}", style=STYLES.get(result.status, ""))
        what = f" {result.name:<{WIDTH}} {result.seconds:>7.2f} s  "
        self._console.print(Text.assemble("  ", status, what, (result.detail, "dim")), soft_wrap=True)


def show_setup(setup: "Setup") -> None:
    """What failed or warned, and how the run ended. The error itself is shown on stderr."""
    console, run = new_console(), setup.run
    show_remarkable(run)
    if run.waited_for_locks >= 1:
        console.print(Text(waited(run), style="yellow"))
    if not _is_ready(run):
        text = say("Stopped: {status} after {seconds:.1f} s", status=word(run.status), seconds=run.seconds)
        console.print(Text(text, style="bold red"))
        console.print(Text(say("Report:  {command}", command=f"python run.py report {run.run_id}")))
        return
    partial, warned = run.mode.startswith("quick"), run.status == "warnings"
    if warned:
        text = say("Ready with warnings after {seconds:.1f} s", seconds=run.seconds)
    else:
        text = say("Ready after {seconds:.1f} s", seconds=run.seconds)
    if partial:
        text = say("{ready}; validation partial: --quick left the rest out", ready=text)
    console.print(Text(text, style="bold yellow" if warned or partial else "bold green"))
    domains = [age.domain for age in run.freshness if age.domain]
    empty = [age.domain for age in run.freshness if age.domain and age.status == "empty"]
    if empty:
        if empty == domains:
            text = say("Nothing was loaded yet. Next:")
        else:
            text = say("Nothing of {domains} was loaded yet. Next:", domains=", ".join(empty))
        console.print(Text(text))
        chosen = ["--domain", empty[0]] if len(domains) > 1 else []
        show_commands(["python", "run.py", *chosen, "--execute", "--build"])


def show_record(setup: "Setup") -> None:
    """With --quiet: where to read about a run that failed."""
    if not _is_ready(setup.run):
        show_message(f"{word(setup.run.status)}: {setup.directory / 'run.json'}")


def _is_ready(run: Run) -> bool:
    return run.status in ("success", "warnings")


def show_setup_plan(plan: "SetupPlan") -> None:
    """The nodes that a setup would run, part by part, and how dbt selects them; nothing was touched."""
    console = new_console()
    selected = " --select " + " ".join(plan.chosen_by) if plan.quick else ""
    console.print(Text("dbt build --indirect-selection buildable" + selected), soft_wrap=True)
    table = Table(title=say("Would run in {database}", database=again(plan.database)), title_justify="left")
    for name in (say("step"), say("kind"), say("node"), say("relation")):
        table.add_column(name, overflow="fold")
    for node in plan.manifest.nodes.values():
        if node.relation is None:
            continue
        first = node.unique_id in plan.chosen
        step = "seeds" if node.kind == "seed" else "foundation" if first else "models"
        if first or not plan.quick:
            table.add_row(step, f"{node.kind} ({node.materialized})", node.name, str(node.relation))
    console.print(table)
    tests = sum(node.kind == "test" for node in plan.manifest.nodes.values())
    for loss in plan.losses:
        console.print(Text(say("--reset removes {loss}", loss=again(loss)), style="bold yellow"), soft_wrap=True)
    console.print(Text(say("and {tests} tests where what they need was built. Nothing was touched.", tests=tests)))
