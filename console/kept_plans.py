"""What a person sees of the plans that lie below plans/."""

from rich.table import Table
from rich.text import Text

from console.terminal import local_time, new_console, show_commands
from extract.commands import shown_path
from extract.wording import say
from orchestrate.plans import KeptPlan, KeptPlans


def show_kept_plans(kept: KeptPlans) -> None:
    """The plans, newest first; and which of them are gone, or would go."""
    console = new_console()
    if not kept.plans:
        console.print(Text(say("There are no plans below plans/.")))
        return
    table = Table(title=say("Plans, newest first"), title_justify="left")
    for name in (say("plan"), say("made"), say("domain"), say("state")):
        table.add_column(name, overflow="fold")
    for name in (say("workbooks"), say("rows"), say("rejected")):
        table.add_column(name, justify="right")
    for plan in kept.plans:
        numbers = ["", "", ""] if plan.problem else [f"{number:,}" for number in (plan.files, plan.rows, plan.rejects)]
        state = _state(plan, gone=kept.executed and plan in kept.pruned)
        table.add_row(shown_path(plan.directory), local_time(plan.made_at), plan.domain, state, *numbers)
    console.print(table)
    if kept.executed:
        console.print(Text(say("{number:,} plans were removed", number=len(kept.pruned)), style="bold"))
    elif kept.pruned:
        names = ", ".join(plan.directory.name for plan in kept.pruned)
        text = say("{number:,} plans would be removed: {names}. To remove them:", number=len(kept.pruned), names=names)
        console.print(Text(text), soft_wrap=True)
        show_commands(["python", "run.py", "plans", "--prune", "--yes"])


def _state(plan: KeptPlan, *, gone: bool) -> str:
    if gone:
        return say("removed")
    if plan.problem:
        return plan.problem
    if plan.mended:
        return say("its rejects are being mended")
    return say("ready") if plan.ready else say("failed")
