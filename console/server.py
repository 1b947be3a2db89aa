"""What a person sees of the embedded server."""

from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_commands
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.warehouse.server import Server


def show_server(server: "Server") -> None:
    """Running or stopped, since this command or before, where, and the command that changes it."""
    console = new_console()
    if server.state == "running":
        text = say("started") if server.changed else say("running")
        console.print(Text(text, style="bold green"))
        console.print(Text(say("{database}, process {pid}", database=server.label, pid=server.pid)), soft_wrap=True)
        console.print(Text(say("To stop it:")))
        show_commands(["python", "run.py", "server", "stop"])
        return
    console.print(Text(say("stopped now") if server.changed else say("stopped"), style="bold yellow"))
    console.print(Text(say("Its data stays in {directory}. To start it:", directory=server.directory)), soft_wrap=True)
    show_commands(["python", "run.py", "server", "start"])
