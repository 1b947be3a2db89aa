"""What dbt prints of an exception that ended it, its traceback too: left out, since the command says what happened."""

from collections.abc import Callable

from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import get_event_manager

_CONSOLE = "stdout_log"
_LEFT_OUT = frozenset(("MainEncounteredError", "MainStackTrace"))


def leave_out_tracebacks(_event: EventMsg) -> None:
    """A callback of dbt's runner, called from its first event on: dbt's log file keeps what its screen loses."""
    for logger in get_event_manager().loggers:
        if logger.name == _CONSOLE and not isinstance(logger.filter, _Untraced):
            logger.filter = _Untraced(logger.filter)


class _Untraced:
    """A filter of events that lets those through which another one lets through, but for exceptions."""

    def __init__(self, other: Callable[[EventMsg], bool]) -> None:
        self._other = other

    def __call__(self, event: EventMsg) -> bool:
        return event.info.name not in _LEFT_OUT and self._other(event)
