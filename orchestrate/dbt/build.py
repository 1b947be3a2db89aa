"""`dbt build` in this process, for `run.py --execute --build`."""

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner, dbtRunnerResult

from extract.database.connection import BUILD_KEY, Target
from extract.errors.database import DatabaseRefused
from extract.errors.dbt import BuildFailed, ProjectInvalid
from extract.steps import timed_step
from extract.wording import Sentence
from orchestrate.dbt.kept import keep, state_of
from orchestrate.dbt.locks import application_name, held_locks
from orchestrate.dbt.manifest import PUBLISHED, Relation, read_manifest
from orchestrate.dbt.outcomes import held_up
from orchestrate.dbt.profile import password_variable
from orchestrate.dbt.publication import first_failing_row, kept
from orchestrate.dbt.sessions import Sessions
from orchestrate.dbt.untraced import leave_out_tracebacks

_FAILED = (NodeStatus.Error, NodeStatus.Fail)


@dataclass(frozen=True)
class NodeOutcome:
    """What dbt did with one node."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    schema: str = ""
    failures_in: tuple[str, str] | None = None
    """Schema and table of the rows that a test keeps, if it finds any."""


@dataclass(frozen=True)
class Build:
    """A finished `dbt build`: every node with its outcome."""

    nodes: list[NodeOutcome] = field(default_factory=list)
    publication: Relation = PUBLISHED
    """The table of the row that a build writes last."""

    @property
    def counts(self) -> dict[str, int]:
        """How many nodes ended in each status."""
        return dict(Counter(node.status for node in self.nodes))


def build(target: Target, root: Path, uri: str | None = None, *, lock_timeout: float = 0) -> Build:
    """Run `dbt build` with the profile in `root` under the lock of builds; `lock_timeout` seconds are waited for it.

    Raises BuildLocked, BuildOvertaken and TableLocked for others who build or hold a table, StatementTimedOut,
    ProjectInvalid where the project does not parse, BuildFailed where another node fails, and DatabaseRefused where dbt
    stopped for another reason.
    """
    if variable := password_variable(target, uri):  # the profile reads it from there, also when .env holds it
        os.environ[variable] = uri if uri and variable.endswith("URI") else target.parameters["password"]
    folder = str(root)
    with timed_step("built") as fields, held_locks(target, "build", (BUILD_KEY,), lock_timeout) as lock:
        sessions = Sessions(target, application_name("build dbt"), lock.get_backend_pid())
        state, started = state_of(root, target), time.time()
        with sessions.watched():
            colours = [] if os.isatty(1) else ["--no-use-colors"]  # of what dbt itself prints
            outcome = dbtRunner(callbacks=[leave_out_tracebacks]).invoke(
                ["--quiet", *colours, "build", "--project-dir", folder, "--profiles-dir", folder]
            )
        written = root / "target" / "manifest.json"  # elsewhere only by a variable of dbt, and then nothing is kept
        if written.exists() and written.stat().st_mtime >= started:
            keep(root, state, read_manifest(written.parent, root), None, target)
        result = _finished(outcome, target)
        fields |= result.counts
    failed = [node for node in result.nodes if node.status in _FAILED]
    for node in failed:
        if error := held_up(node.name, node.message, target, sessions.blocker):
            raise error
    if failed:
        told = "; ".join(_told(node, target) for node in failed)
        raise BuildFailed(failed=told, marts=kept(target, result.publication))
    return result


def _told(node: NodeOutcome, target: Target) -> str:
    """What failed: of a test the first row that it found, and the query for all of them."""
    if node.status != NodeStatus.Fail or not node.failures_in:
        return f"{node.name} ({node.message})"
    row = first_failing_row(target, *node.failures_in)
    return f"{node.name} ({node.message}, such as {row}; select * from {'.'.join(node.failures_in)})"


def _finished(outcome: dbtRunnerResult, target: Target) -> Build:
    if isinstance(outcome.exception, KeyboardInterrupt):
        outcome.exception.add_note(Sentence("the staged rows are committed: `dbt build` goes on from there"))
        raise outcome.exception
    nodes = getattr(outcome.result, "results", None)
    if nodes is None:
        problem = " ".join(str(outcome.exception or "dbt gave no result").split())
        kinds = {type(outcome.exception).__name__} | {kind.__name__ for kind in type(outcome.exception).__mro__}
        if {"ParsingError", "CompilationError", "DbtProjectError", "YamlParseDictError"} & kinds:
            raise ProjectInvalid(problem=problem)
        raise DatabaseRefused(target=target.label, problem=problem)
    written_last = [node.node for node in nodes if node.node.name == "published"]
    return Build(
        [
            NodeOutcome(
                name=node.node.name,
                kind=str(node.node.resource_type),
                status=str(node.status),
                seconds=node.execution_time,
                message=" ".join((node.message or "").split()),
                schema=node.node.schema if str(node.node.resource_type) == "model" else "",
                failures_in=(node.node.schema, node.node.alias) if getattr(node.node, "relation_name", None) else None,
            )
            for node in nodes
        ],
        *(Relation(node.schema, node.alias) for node in written_last),
    )
