"""The log of the extract in that of a run of Dagster: one line per step, with its counts as JSON behind the name."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from extract.observer import Silent
from extract.steps import FIELDS, LOGGER


class _Forwarding(logging.Handler):
    """Hands each record to the log of a run."""

    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = getattr(record, FIELDS, {})
        content = json.dumps(fields, ensure_ascii=False, default=str) if fields else ""
        self._log.log(record.levelno, f"{record.getMessage()} {content}".rstrip())


class Telling(Silent):
    """The observer that tells the log of a run how far the reading of workbooks has come."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._step, self._total = "", 0

    def began(self, step: str, total: int | None) -> None:
        """Keep what begins."""
        self._step, self._total = step, total or 0

    def advanced(self, done: int, part: str) -> None:
        """Tell of each part."""
        self._log.info(
            f"{self._step} {json.dumps({'done': done, 'of': self._total, 'part': part}, ensure_ascii=False)}"
        )


@contextmanager
def forwarded(log: logging.Logger) -> Iterator[Telling]:
    """While the block runs, what the extract logs goes to `log`; gives the observer for it."""
    handler, level = _Forwarding(log), LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield Telling(log)
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
