"""The log of the steps on stderr: lines for people, or JSON for programs."""

import json
import logging
import sys
from datetime import UTC, datetime

from extract.steps import FIELDS, LOGGER, ON_SCREEN


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "step": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        return json.dumps(entry, ensure_ascii=False, default=str)


class _LineFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in getattr(record, FIELDS, {}).items())
        return f"{record.levelname.lower()}: {record.getMessage().replace('_', ' ')} {fields}".rstrip()


def configure_logging(log_format: str, *, quiet: bool, verbose: bool) -> None:
    """Send the log to stderr: warnings; with `verbose` or as JSON every step; with `quiet` errors only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if log_format == "json" else _LineFormatter())
    if log_format != "json" and not verbose:
        handler.addFilter(lambda record: not getattr(record, ON_SCREEN, False))  # a person reads it on stdout
    level = logging.INFO if verbose or log_format == "json" else logging.WARNING
    if quiet:
        level = logging.ERROR
    LOGGER.handlers = [handler]
    LOGGER.propagate = False
    LOGGER.setLevel(level)


def logs_json() -> bool:
    """Whether the log is JSON, so that errors belong into it."""
    return any(isinstance(handler.formatter, _JsonFormatter) for handler in LOGGER.handlers)
