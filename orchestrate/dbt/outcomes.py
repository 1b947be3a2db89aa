"""What the results of dbt mean: outcomes for the record, and the error that a failed step ends with."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from extract.database.connection import Target
from extract.database.lock_watch import Blocker
from extract.errors.base import WorkDataHubError
from extract.errors.database import StatementTimedOut, TableLocked
from extract.errors.dbt import BuildOvertaken, ProjectInvalid
from extract.errors.warehouse import ConnectionLost, SetupFailed
from orchestrate.dbt.manifest import TESTS, Manifest, Node
from orchestrate.dbt.problems import located
from orchestrate.dbt.results import Result

_SHOWN = 5
_LOST = re.compile(
    r"terminating connection|server closed the connection|connection (?:already |is )?closed|connection not open"
    r"|SSL connection has been closed|[Cc]onnection refused|[Cc]onnection reset|could not connect|connection to server"
    r"|the database system is (?:starting up|shutting down|in recovery mode)|lost synchronization"
)
_LOCKED = re.compile(r"canceling statement due to lock timeout")
_OVERTAKEN = re.compile(r"build overtaken: another build began at (.+?) \(invocation (\S+?)\)")
_TIMED_OUT = re.compile(r"canceling statement due to statement timeout")
COULD_NOT_RUN = "could not run"
_GOOD = ("success", "pass", "warn", "no-op", "skipped")


class Outcome(BaseModel):
    """What became of one node. `observed` are the rows that a test found; `failures_in` is where they are kept."""

    model_config = ConfigDict(frozen=True)

    unique_id: str
    name: str
    kind: str
    path: str
    status: str
    seconds: float
    rows: int | None = None
    message: str = ""
    severity: str | None = None
    observed: int | None = None
    warn_if: str | None = None
    error_if: str | None = None
    failures_in: str | None = None


def outcomes(results: Iterable[Result], manifest: Manifest) -> list[Outcome]:
    """The results with what the manifest says about their nodes; a hook of the project has no node and is left out."""
    return [
        _outcome(result, manifest.nodes[result.unique_id]) for result in results if result.unique_id in manifest.nodes
    ]


def _outcome(result: Result, node: Node) -> Outcome:
    crashed = node.kind in TESTS and result.status == "error"
    limits = node.limits
    return Outcome(
        unique_id=node.unique_id,
        name=node.name,
        kind=node.kind,
        path=node.path,
        status=COULD_NOT_RUN if crashed else result.status,
        seconds=round(result.seconds, 3),
        rows=result.rows,
        message=result.message,
        severity=limits.severity if limits else None,
        observed=result.failures if limits and not crashed else None,
        warn_if=limits.warn_if if limits else None,
        error_if=limits.error_if if limits else None,
        failures_in=limits.failures_in if limits else None,
    )


def is_failure(outcome: Outcome) -> bool:
    """Whether a node failed or could not run; a skipped one did not fail itself. An unknown status is a failure."""
    return outcome.status not in _GOOD


def is_warning(outcome: Outcome) -> bool:
    """Whether a test warned."""
    return outcome.status == "warn"


def summary(nodes: Collection[Outcome]) -> str:
    """Counts of what was built and tested, such as `2 seeds (700 rows), 9 tests passed`."""
    parts = []
    for kind in ("seed", "model", "snapshot"):
        done = [node for node in nodes if node.kind == kind and node.status == "success"]
        if done:
            rows = sum(node.rows or 0 for node in done)
            parts.append(f"{len(done)} {kind}{'s' * (len(done) != 1)}" + (f" ({rows:,} rows)" if rows else ""))
    tests = Counter(node.status for node in nodes if node.kind in TESTS)
    passed = tests.pop("pass", 0) + tests.pop("success", 0)
    if passed:
        parts.append(f"{passed} tests passed")
    words = {"warn": "warned", "fail": "failed", "skipped": "skipped"}
    parts += [f"{count} {words.get(status, status)}" for status, count in sorted(tests.items())]
    for status, word in (("error", "failed"), ("skipped", "skipped")):
        if count := sum(node.status == status and node.kind not in TESTS for node in nodes):
            parts.append(f"{count} built nothing: {word}")
    return ", ".join(parts) or "nothing to do"


def told(node: Outcome) -> str:
    """What a person reads about a node that failed or warned."""
    if node.kind == "test" and node.status in ("fail", "warn"):
        limit = node.error_if if node.status == "fail" else node.warn_if
        kept = f"; select * from {node.failures_in}" if node.failures_in else ""
        return f"{node.name}: {node.observed} rows, limit {limit}{kept}"
    if node.status == COULD_NOT_RUN:
        return f"{node.name} could not run: {node.message}"
    return f"{node.name}: {node.message}"


def shortened(texts: Sequence[str]) -> str:
    """The first few of some texts, and how many more there are."""
    more = f"; and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more


def held_up(name: str, message: str, target: Target, blocker: Blocker | None) -> WorkDataHubError | None:
    """The error that the message of a failed node amounts to where others, or the time, kept it from being made."""
    if overtaken := _OVERTAKEN.search(message):
        return BuildOvertaken(*overtaken.groups())
    if _LOCKED.search(message):
        holder = blocker.holder if blocker else "a session that ended before it could be seen"
        what = f"{blocker.what if blocker else 'a table'} (for {name})"
        return TableLocked(target=target.label, seconds=target.timeouts.lock, what=what, holder=holder)
    if _TIMED_OUT.search(message):
        return StatementTimedOut(target=target.label, seconds=target.timeouts.statement)
    return None


def failure(
    nodes: Sequence[Outcome], target: Target, blocker: Blocker | None, step: str, run_id: str, root: Path
) -> WorkDataHubError | None:
    """The error that the failed nodes of a step amount to; None where none failed or was skipped.

    What the database did comes before what the project did, since a lost connection makes every later node fail.
    """
    failed = [node for node in nodes if is_failure(node)]
    for node in failed:
        if _LOST.search(node.message):
            return ConnectionLost(target=target.label, step=step, problem=f"{node.name}: {node.message}")
    for node in failed:
        if error := held_up(node.name, node.message, target, blocker):
            return error
    for node in failed:
        if node.message.startswith("Compilation Error") and "enforced contract" not in node.message:
            return ProjectInvalid(problem=located(node.message, root))
    if failed:
        return SetupFailed(failed=shortened([told(node) for node in failed]), run=run_id)
    if skipped := [f"{node.name} was skipped" for node in nodes if node.status == "skipped"]:
        return SetupFailed(failed=shortened(skipped), run=run_id)
    return None
