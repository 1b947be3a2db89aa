"""Notices that reach somebody: what is told after a load, a build or a failure: counts, codes and paths only.

A notice that cannot be sent is a warning, and changes nothing else.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract import __version__
from extract.config import load_data_sources
from extract.errors.base import UsageError, WorkDataHubError
from extract.errors.notices import NoticesNotSent, NotifyNotConfigured
from extract.notices import Occasion, Receiver
from extract.settings import Settings, variable
from extract.steps import log_step
from extract.wording import say
from orchestrate.results import Loaded

if TYPE_CHECKING:
    from orchestrate.dbt.build import Build

_GAP = re.compile(r"\$\{(\w+)\}")
_PLACES = ("file", "path", "directory", "domain", "period")
"""Fields of an error that name places; others may hold figures, which no notice bears."""
_SHOWN = 10


@dataclass(frozen=True)
class Notice:
    """What is told on an occasion: one line as the title, and further ones."""

    occasion: Occasion
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """What became of a notice at one receiver, by its number and service; `problem` is empty where it was sent."""

    receiver: str
    problem: str = ""


def load_notice(loaded: Loaded) -> Notice | None:
    """What is told of a load; None of one that loaded nothing, since all was loaded already."""
    load = loaded.load
    if load.batch_id is None:
        return None
    title = say(
        "Loaded: batch {batch}, {rows:,} rows of {files} workbooks, {rejects:,} rejected",
        batch=load.batch_id,
        rows=load.rows,
        files=load.files,
        rejects=load.rejects,
    )
    lines = [say("into {table}", table=load.table), *_counted(loaded.warnings)]
    if loaded.kept:
        lines.append(say("plan: {directory}", directory=loaded.kept.directory))
    warned = bool(loaded.warnings or load.rejects)
    return Notice(Occasion.WARNING if warned else Occasion.LOAD, title, tuple(lines))


def build_notice(build: "Build") -> Notice:
    """What is told of a build that published."""
    warned = [node.name for node in build.nodes if node.status == "warn"]
    marts = sum(node.schema == build.publication.schema for node in build.nodes)
    title = say("Built: {marts} marts published, {warned} tests warn", marts=marts, warned=len(warned))
    return Notice(Occasion.WARNING if warned else Occasion.BUILD, title, tuple(warned[:_SHOWN]))


def failure_notice(error: WorkDataHubError, command: str) -> Notice:
    """What is told of a command that failed: the code of the error, its exit code, and the places that it names."""
    title = say(
        "Failed: {command}: {code} (exit code {exit_code})",
        command=command,
        code=error.code(),
        exit_code=error.exit_code.value,
    )
    places = [f"{name}: {value}" for name in _PLACES if isinstance(value := getattr(error, name, None), str)]
    return Notice(Occasion.FAILURE, title, tuple(places))


def bug_notice(error: Exception, command: str) -> Notice:
    """What is told of a bug in this program."""
    title = say("Failed: {command}: a bug ({kind})", command=command, kind=type(error).__name__)
    return Notice(Occasion.FAILURE, title)


def missing_notice(period: str, due: str, companies: list[str]) -> Notice:
    """What is told once submissions of a month are missing past their due day."""
    title = say("Missing: {number} submissions of {period}, due {due}", number=len(companies), period=period, due=due)
    return Notice(Occasion.MISSING, title, tuple(companies))


def tell(settings: Settings, notice: Notice | None) -> None:
    """Send a notice to those who want to know; what cannot be sent is logged as a warning. Raises nothing."""
    if notice is None:
        return
    try:
        notify = load_data_sources(settings.data_sources_config).notify
    except UsageError:  # the command itself has said so
        return
    for number, receiver in enumerate(notify.to if notify else ()):
        wanted = notice.occasion in receiver.about
        if wanted and (delivery := _sent(notice, receiver, number)).problem:
            log_step("notice_not_sent", logging.WARNING, receiver=delivery.receiver, problem=delivery.problem)


def send_test(settings: Settings) -> list[Delivery]:
    """Send a test to everybody. Raises NotifyNotConfigured, and NoticesNotSent where one was not sent."""
    notify = load_data_sources(settings.data_sources_config).notify
    if notify is None:
        raise NotifyNotConfigured(path=str(settings.data_sources_config))
    test = Notice(Occasion.LOAD, say("A test of WorkDataHub {version}", version=__version__))
    deliveries = [_sent(test, receiver, number) for number, receiver in enumerate(notify.to)]
    problems = [f"{item.receiver}: {item.problem}" for item in deliveries if item.problem]
    if problems:
        raise NoticesNotSent(problems="; ".join(problems))
    return deliveries


@contextmanager
def failures_told(settings: Settings, command: str) -> Iterator[None]:
    """Tell of an error or a bug that ends the block, which goes on its way."""
    try:
        yield
    except WorkDataHubError as error:
        tell(settings, failure_notice(error, command))
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "click":
            tell(settings, bug_notice(error, command))
        raise


def _counted(codes: Mapping[str, int]) -> list[str]:
    return [say("warning {code}: {number:,}", code=code, number=number) for code, number in sorted(codes.items())]


def _sent(notice: Notice, receiver: Receiver, number: int) -> Delivery:
    """Send a notice to one receiver. Its URL, which may hold a secret, is in no message."""
    name = f"notify.to[{number}] ({receiver.url.partition('://')[0]})"
    lacking = [gap for gap in _GAP.findall(receiver.url) if not variable(gap)]
    if lacking:
        return Delivery(name, say("the variable {name} is not set", name=lacking[0]))
    try:
        from apprise import Apprise, NotifyType
    except ImportError:
        return Delivery(name, say("Apprise is missing: pip install 'workdatahub[notify]'"))
    logging.getLogger("apprise").disabled = True  # it would log addresses
    kinds = {
        Occasion.FAILURE: NotifyType.FAILURE,
        Occasion.MISSING: NotifyType.FAILURE,
        Occasion.WARNING: NotifyType.WARNING,
    }
    kind = kinds.get(notice.occasion, NotifyType.INFO)
    try:
        service = Apprise()
        if not service.add(_filled(receiver.url)):
            return Delivery(name, say("Apprise does not know this URL"))
        sent = service.notify(title=notice.title, body="\n".join(notice.lines) or notice.title, notify_type=kind)
    except Exception as error:  # noqa: BLE001  # whatever a service does, the run has ended as it has
        return Delivery(name, type(error).__name__)
    return Delivery(name, "" if sent else say("the service did not take it"))


def _filled(url: str) -> str:
    from urllib.parse import quote

    return _GAP.sub(lambda gap: quote(variable(gap[1]) or "", safe=""), url)
