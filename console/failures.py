"""What a person sees of errors, bugs and interruptions, on stderr; and the exit code of each outcome."""

import sys
import traceback
from collections.abc import Callable, Sequence

import click

from console.logs import logs_json
from console.streams import show_message
from extract.errors.base import ExitCode, WorkDataHubError
from extract.interruption import Terminated
from extract.steps import FIELDS, LOGGER
from extract.wording import again, say


def exit_code_of(command: Callable[[], object], *, debug: bool) -> ExitCode | int:
    """Run a command and turn its outcome into an exit code; what failed is shown, with its traceback for `debug`."""
    try:
        command()
    except WorkDataHubError as error:
        show_error(error, debug)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort) as error:
        interruption = error.__cause__ if isinstance(error, click.Abort) else error
        terminated = isinstance(interruption, Terminated)
        notes = getattr(interruption, "__notes__", [])
        show_interruption(say("terminated") if terminated else say("interrupted"), notes)
        return ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # whatever it is, it is a bug and gets its exit code
        show_bug(error)
        return ExitCode.BUG
    return ExitCode.OK


def show_error(error: WorkDataHubError, debug: bool) -> None:
    """What happened and what to do next, on stderr; the traceback with --debug."""
    if logs_json():
        LOGGER.error(error.code(), extra={FIELDS: {"message": error.message, "next_step": error.next_step}})
    else:
        _print_error(error)
    if debug:
        traceback.print_exception(error)


def _print_error(error: WorkDataHubError) -> None:
    from rich.text import Text  # slow to import, and most commands end well

    from console.terminal import new_console

    console = new_console(stderr=True)
    console.print(Text.assemble((say("error: "), "bold red"), again(error.message)), soft_wrap=True)
    console.print(Text.assemble((say("  next: "), "bold"), again(error.next_step)), soft_wrap=True)


def raise_last(errors: Sequence[WorkDataHubError]) -> None:
    """Show all errors but the last, which ends the command; a bug comes last, whose exit code counts."""
    ordered = sorted(errors, key=lambda error: error.exit_code is ExitCode.BUG)
    for error in ordered[:-1]:
        show_error(error, debug=False)
    if ordered:
        raise ordered[-1]


def show_bug(error: BaseException) -> None:
    """An error that is ours: its traceback, and that it is a bug."""
    traceback.print_exception(error, file=sys.stderr)
    print(say("error: this is a bug in WorkDataHub. Please report the lines above."), file=sys.stderr)


def show_interruption(how: str, notes: Sequence[str]) -> None:
    """That the run was `how` (interrupted, terminated), and what became of its work: the notes of what was going on."""
    what = "; ".join(again(note) for note in notes)
    what = what or say("what was committed before stays: `python run.py history` lists it")
    show_message(say("{how}: {what}", how=how, what=what))
