"""One log line per step of a run, with its counts; `console.configure_logging` decides where and how it appears."""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from extract.foreign import shown

LOGGER = logging.getLogger("workdatahub")
FIELDS = "step_fields"
"""The attribute of a log record that holds the fields of a step."""


ON_SCREEN = "on_screen"
"""The attribute of a log record whose content a person sees on the screen anyway."""


def log_step(step: str, /, level: int = logging.INFO, *, on_screen: bool = False, **fields: object) -> None:
    """Log that `step` is done, with its counts, names and durations (seconds).

    A text is one foreign value, so at most 200 characters of it are logged; a Path stays whole. `on_screen` says that a
    view shows the same, so that a log for people can leave it out.
    """
    LOGGER.log(level, step, extra={FIELDS: _showable(fields), ON_SCREEN: on_screen})


@contextmanager
def timed_step(step: str, **fields: object) -> Iterator[dict[str, object]]:
    """Log `step` with its duration when the block ends well; more fields can be put into what this yields."""
    started = time.perf_counter()
    yield fields
    fields["seconds"] = round(time.perf_counter() - started, 3)
    LOGGER.info(step, extra={FIELDS: _showable(fields)})


def _showable(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: _showable_value(value) for name, value in fields.items()}


def _showable_value(value: object) -> object:
    if isinstance(value, os.PathLike):
        return shown(os.fspath(value), limit=None)
    return shown(value) if isinstance(value, str) else value
