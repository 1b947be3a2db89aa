"""Who is told of what a command did, and `notify`, which tries it. Nothing is imported for a plan."""

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from console import options
from console.options import Session
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.results import Loaded


def failures_told(session: Session) -> AbstractContextManager[None]:
    """A block whose errors are told to those who want to know."""
    from orchestrate import notices

    return notices.failures_told(session.settings, _command())


def tell_of_load(loaded: "Loaded", session: Session) -> None:
    """Tell of a load, with its warnings."""
    from orchestrate import notices

    notices.tell(session.settings, notices.load_notice(loaded))


def _command() -> str:
    """The command without its arguments, which may hold names of others."""
    words = [word for word in sys.argv[1:2] if not word.startswith("-")]
    return " ".join(["run.py", *(words or ["--execute"])])


@click.command(short_help="Try whether notices reach somebody.")
@click.option("--test", is_flag=True, help="Send a test to everybody in `notify` of the configuration.")
@options.common
def notify(session: Session, test: bool) -> None:
    """Send a test notice to everybody in `notify` of the configuration."""
    if not test:
        raise click.UsageError(say("nothing is sent without an occasion: --test sends a test"))
    from console.notices import show_deliveries
    from orchestrate import notices

    session.show(show_deliveries, notices.send_test(session.settings))
