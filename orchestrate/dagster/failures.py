"""Our errors as failures of Dagster: the same message, the same next step, and the exit code that run.py would give."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dagster as dg

from extract.errors.base import ExitCode, WorkDataHubError

EXIT_CODE = "exit_code"
"""The key of the metadata of a failure that holds the exit code."""
_MAY_PASS = (ExitCode.DATABASE, ExitCode.LOCKED)
"""What another try may find gone: a server that rests, a lock that another run holds."""


@contextmanager
def as_failures() -> Iterator[None]:
    """An error of ours that leaves the block becomes a failure of the step."""
    try:
        yield
    except WorkDataHubError as error:
        raise failure((error,)) from error


def failure(errors: Sequence[WorkDataHubError]) -> dg.Failure:
    """What a step fails with; a bug comes last, as on the command line, and its exit code counts."""
    ordered = sorted(errors, key=lambda error: error.exit_code is ExitCode.BUG)
    last = ordered[-1]
    return dg.Failure(
        description="\n".join(f"{error.message}\n  next: {error.next_step}" for error in ordered),
        metadata={
            "kind": last.code(),
            "next": last.next_step,
            EXIT_CODE: dg.MetadataValue.int(int(last.exit_code)),
        },
        allow_retries=last.exit_code in _MAY_PASS,
    )


def exit_code(events: Sequence[dg.DagsterEvent]) -> int:
    """The exit code of a run that failed, from its events; that of a bug where a step failed by no error of ours."""
    for event in events:
        if event.is_step_failure:
            failed = event.step_failure_data.user_failure_data
            found = failed.metadata.get(EXIT_CODE) if failed else None
            return int(str(found.value)) if found is not None else int(ExitCode.BUG)
    return int(ExitCode.BUG)
