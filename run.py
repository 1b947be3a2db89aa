"""The commands: each reads its flags, calls `orchestrate`, hands the result to `console`, and ends with an exit code.

The exit codes stand in docs/operations.md.
"""

import atexit
import gc

gc.disable()  # what is imported lives as long as the process: keep the garbage collector off it

import os
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.listed import ALL
from commands.loads import build_marts
from commands.notices import failures_told, tell_of_load
from console import contradictions, failures, options, streams
from console.asked_language import asked_language
from console.options import Session
from extract.errors.base import ExitCode
from extract.interruption import raise_on_sigterm
from extract.modes import Mode

if TYPE_CHECKING:
    from console.loads import LoadView
    from extract.files.versions import PeriodRange
    from orchestrate.results import Planned

gc.enable()
gc.freeze()


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@options.main
@click.pass_context
@options.common
def main(
    context: click.Context,
    session: Session,
    domain: str | None,
    execute: bool,
    diff: bool,
    plan_only: bool,
    max_files: int | None,
    period: "PeriodRange | None",
    on_ambiguous: str | None,
    files: tuple[Path, ...],
    data_dir: Path | str | None,
    sheet: str | None,
    mode: Mode,
    plan_dir: Path | str | None,
    build: bool,
    lock_timeout: float,
    reload: bool,
    reopen: str | None,
    workers: int | None,
    executor: str | None,
    accepted: tuple[str, ...],
) -> None:
    """Plan what monthly workbooks would load, or load them (--execute) into the schema staging.

    A plan is a directory of CSV files: the rows that would be loaded, and the rejects with the reasons. Nothing is
    loaded, and no database is opened, without --execute; --diff opens it for reading.
    """
    if context.invoked_subcommand:
        contradictions.refuse_options_before(context)
        return
    contradictions.refuse_contradictions(context.params)
    if plan_only and not session.quiet:
        streams.show_message(
            "warning: --plan-only is deprecated; " + ("--execute wins" if execute else "a plan is the default")
        )
    gc.disable()  # what only a plan or a load needs
    from extract.files.discovery import Wish
    from extract.files.versions import OnAmbiguous
    from extract.observer import Silent
    from orchestrate.loading import plan_or_load
    from orchestrate.options import LoadOptions, RunOptions
    from orchestrate.results import Planned

    gc.enable()
    gc.freeze()
    asked = RunOptions(
        domain=domain,
        execute=execute,
        diff=diff,
        wish=Wish(max_files, period, OnAmbiguous(on_ambiguous) if on_ambiguous else None),
        files=files,
        sheet=sheet,
        mode=mode,
        plan_dir=plan_dir if isinstance(plan_dir, Path) else None,
        workers=workers or os.cpu_count() or 1,
        accepted=frozenset(accepted),
        load=LoadOptions(lock_timeout, reload, reopen),
        build=build,
        executor=executor,
        data_url=data_dir if isinstance(data_dir, str) else None,
        plan_url=plan_dir if isinstance(plan_dir, str) else None,
    )
    observer = Silent() if session.quiet else _load_view(build=build)
    with failures_told(session) if execute else nullcontext():
        done = plan_or_load(asked, session.reading(data_dir), observer)
        if isinstance(done, Planned):
            session.show(_show_planned, done)
            failures.raise_last(done.errors)
            return
        tell_of_load(done, session)
        if build:
            build_marts(done.target, session, lock_timeout)


def _load_view(*, build: bool) -> "LoadView":
    """What shows a run while it goes on; its tables take a while to import, which a quiet run does without."""
    from console.loads import LoadView

    return LoadView(build=build)


def _show_planned(done: "Planned") -> None:
    from console.plans import show_planned

    show_planned(done)


for command in ALL:
    main.add_command(command)


def run() -> ExitCode | int:
    """Run the command and turn every outcome into its exit code."""
    raise_on_sigterm()
    os.environ.setdefault("PYTHONUTF8", "1")  # for the processes that we start, whatever the code page is
    streams.use_any_encoding()
    if (language := asked_language(sys.argv[1:])) != "en":
        from console.help_texts import use_help_of

        use_help_of(language, main)
    debug = "--debug" in sys.argv or "--raise-on-error" in sys.argv
    return failures.exit_code_of(partial(main, standalone_mode=False), debug=debug)


if __name__ == "__main__":
    atexit.register(gc.freeze)  # nor does it look through what is left at the end
    sys.exit(run())
