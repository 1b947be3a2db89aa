"""What goes wrong in telling somebody."""

from dataclasses import dataclass

from extract.errors.base import UsageError, Whole


@dataclass(eq=False)
class NotifyNotConfigured(UsageError):
    """There is nobody to be told."""

    path: Whole

    title = "Notify not configured"
    template = "{path} has no entry notify, so nobody is told"
    remedy = "add notify with a receiver, as docs/configuration.md shows"


@dataclass(eq=False)
class NoticesNotSent(UsageError):
    """A notice that was sent as a test did not reach everybody. After a load this is a warning, and no error."""

    problems: Whole

    title = "Notices not sent"
    template = "not everybody could be told: {problems}"
    remedy = "correct notify in the configuration, or the variables that it names"
