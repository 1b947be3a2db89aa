"""What `explain` shows, and the unexplained jumps of `status`."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_commands, show_document
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.warehouse.jumps import Explained, Jump


def described(jump: "Jump") -> Text:
    """A jump in one line, marked where a build refuses it."""
    factor = say("appeared or vanished") if jump.factor is None else say("factor {factor:.1f}", factor=jump.factor)
    values = f"{_shown(jump.old_value)} -> {_shown(jump.new_value)}"
    text = f"{jump.company_code} {jump.report_date:%Y-%m} {jump.measure}: {values}, {factor}"
    return Text(
        say("{jump}, refused by a build", jump=text) if jump.fails else text, style="bold red" if jump.fails else ""
    )


def _shown(value: object) -> str:
    return say("nothing") if value is None else str(value)


def show_explained(done: "Explained") -> None:
    """The line that was added, and what to do next."""
    console = new_console()
    console.print(Text(say("Added to {path}:", path=done.path), style="bold"), soft_wrap=True)
    console.print(Text(f"  {done.line}"), soft_wrap=True)
    console.print(Text(say("Have it reviewed like any change of the project; then:")))
    show_commands(["dbt", "build"])


def show_explained_json(done: "Explained") -> None:
    """The same as one JSON document."""
    show_document({"path": str(done.path), "line": done.line})
