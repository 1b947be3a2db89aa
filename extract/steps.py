"""One log line per step of a run, with its counts; `console.configure_logging` decides where and how it appears."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = logging.getLogger("workdatahub")
FIELDS = "step_fields"
"""The attribute of a log record that holds the fields of a step."""


def log_step(step: str, /, level: int = logging.INFO, **fields: object) -> None:
    """Log that `step` is done, with its counts, names and durations (seconds)."""
    LOGGER.log(level, step, extra={FIELDS: fields})


@contextmanager
def timed_step(step: str, **fields: object) -> Iterator[dict[str, object]]:
    """Log `step` with its duration when the block ends well; more fields can be put into what this yields."""
    started = time.perf_counter()
    yield fields
    fields["seconds"] = round(time.perf_counter() - started, 3)
    LOGGER.info(step, extra={FIELDS: fields})
