"""What `explain` shows, and the unexplained jumps of `status`."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_commands, show_document

if TYPE_CHECKING:
    from orchestrate.warehouse.jumps import Explained, Jump


def described(jump: "Jump") -> Text:
    """A jump in one line, marked where a build refuses it."""
    factor = f"factor {jump.factor:.1f}" if jump.factor is not None else "appeared or vanished"
    values = f"{_shown(jump.old_value)} -> {_shown(jump.new_value)}"
    text = f"{jump.company_code} {jump.report_date:%Y-%m} {jump.measure}: {values}, {factor}"
    return Text(f"{text}, refused by a build" if jump.fails else text, style="bold red" if jump.fails else "")


def _shown(value: object) -> str:
    return "nothing" if value is None else str(value)


def show_explained(done: "Explained") -> None:
    """The line that was added, and what to do next."""
    console = new_console()
    console.print(Text(f"Added to {done.path}:", style="bold"), soft_wrap=True)
    console.print(Text(f"  {done.line}"), soft_wrap=True)
    console.print(Text("Have it reviewed like any change of the project; then:"))
    show_commands(["dbt", "build"])


def show_explained_json(done: "Explained") -> None:
    """The same as one JSON document."""
    show_document({"path": str(done.path), "line": done.line})
