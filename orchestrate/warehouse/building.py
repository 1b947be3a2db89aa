"""The steps of a setup in which dbt builds: seeds, foundation and everything else, told apart in one invocation."""

import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from extract.errors.warehouse import ConnectionLost, SetupFailed
from extract.observer import Observer, observed
from orchestrate.dbt.manifest import TESTS
from orchestrate.dbt.outcomes import Outcome, failure, is_failure, is_warning, outcomes, summary, told
from orchestrate.dbt.publication import kept
from orchestrate.warehouse.preparation import Prepared
from orchestrate.warehouse.runs import Recorder, Run, Step


class Building:
    """Runs dbt and records its outcomes. `nodes` are those of all invocations so far, `warnings` what warned."""

    def __init__(self, ready: Prepared, recorder: Recorder, observer: Observer[Run | Step]) -> None:
        self._ready, self._recorder, self._observer = ready, recorder, observer
        self.nodes: list[Outcome] = []
        self.warnings: list[str] = []

    def build(self, *, quick: bool) -> None:
        """Seeds, foundation and, unless `quick`, everything else. Raises what `outcomes.failure` makes of it.

        One invocation, since the marts are published only by one that has asked every test (docs/decisions.md).
        """
        began, clock = datetime.now(UTC), time.perf_counter()
        nodes = self._build(["--select", *self._ready.chosen_by] if quick else [])
        total = time.perf_counter() - clock
        seeds = {seed.node.unique_id for seed in self._ready.manifest.seeds}
        parts = {"seeds": seeds, "foundation": self._ready.first, "models": self._ready.manifest.nodes.keys()}
        left, before = nodes, 0.0
        for name, ids in parts.items():
            part = [node for node in left if self._is_of(node, ids)]
            if name == "models" and any(is_failure(node) for node in nodes if node not in part):
                break  # what stands on a part that failed is no step of its own
            left = [node for node in left if node not in part]
            until = min(max(self._last_end(part, began), before), total) if left else total
            if name == "models" and not part:
                self.skip(name, "left out: --quick" if quick else "nothing beyond the foundation")
            else:
                self._record(name, part, until - before)
            before = until
        self._check(nodes)

    def skip(self, name: str, why: str) -> None:
        """Record a step that has nothing to do."""
        with self._recorder.step(name) as details:
            details.skipped, details.text = True, why

    def _is_of(self, node: Outcome, ids: Collection[str]) -> bool:
        parents = self._ready.manifest.nodes[node.unique_id].parents
        return node.unique_id in ids or (node.kind in TESTS and bool(parents) and set(parents) <= set(ids))

    def _last_end(self, nodes: Sequence[Outcome], began: datetime) -> float:
        """Seconds from the beginning until the last of some nodes had ended; 0 where none ran."""
        ids = {node.unique_id for node in nodes}
        ends = [result.ended_at for result in self._ready.dbt.results if result.ended_at and result.unique_id in ids]
        return (datetime.fromisoformat(max(ends)).replace(tzinfo=UTC) - began).total_seconds() if ends else 0.0

    def _build(self, arguments: Sequence[str]) -> list[Outcome]:
        dbt, target, step = self._ready.dbt, self._ready.target, "build"
        before = len(dbt.results)
        try:
            with observed(self._observer, step) as done, self._ready.sessions.ending_on_signals():
                dbt.build(arguments, done)
        except RuntimeError as error:
            with self._recorder.step(step):
                raise ConnectionLost(target=target.label, step=step, problem=str(error)) from None
        except KeyboardInterrupt:
            self._ready.sessions.end()
            with self._recorder.step(step) as details:
                details.text = "what was built before the signal stays"
                raise
        finally:
            nodes = outcomes(dbt.results[before:], self._ready.manifest)
            self.nodes += nodes
            self._recorder.note(nodes=tuple(self.nodes))
        return nodes

    def _record(self, name: str, nodes: Sequence[Outcome], seconds: float) -> None:
        warned = [told(node) for node in nodes if is_warning(node)]
        self.warnings += warned
        with self._recorder.step(name) as details:
            details.seconds, details.text = seconds, summary(nodes)
            details.warnings = bool(warned)
            details.failed = any(is_failure(node) for node in nodes)

    def _check(self, nodes: Sequence[Outcome]) -> None:
        run_id, step = self._recorder.run.run_id, "build"
        error = failure(nodes, self._ready.target, self._ready.sessions.blocker, step, run_id, self._ready.dbt.root)
        if error is None or isinstance(error, SetupFailed):
            self._ready.check_lock(step)  # a node may also fail since the server went down
        if isinstance(error, SetupFailed):
            marts = kept(self._ready.target, self._ready.manifest.publication)
            raise SetupFailed(failed=f"{error.failed}; {marts}", run=run_id)
        if error:
            raise error
