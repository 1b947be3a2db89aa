"""What a person sees of an auditor's pack that was written."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.warehouse.pack import Pack


def show_pack(pack: "Pack") -> None:
    """Where it is, its SHA-256, its files, and the plans that it lacks."""
    show_database(pack.database)
    console = new_console()
    text = say(
        "Written:  {path}, evidence for {month}, {files} files; begin with index.txt",
        path=pack.path,
        month=f"{pack.month:%Y-%m}",
        files=len(pack.files),
    )
    console.print(Text(text, style="bold"), soft_wrap=True)
    console.print(Text(f"SHA-256:  {pack.sha256}"), soft_wrap=True)
    for plan_id in pack.missing_plans:
        text = say("plan {plan} was applied and is not below plans/: name its directory by --plan", plan=plan_id)
        console.print(Text(text, style="yellow"), soft_wrap=True)


def show_pack_json(pack: "Pack") -> None:
    """The same as one JSON document."""
    show_document(asdict(pack))
