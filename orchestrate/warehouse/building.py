"""The steps of a setup in which dbt builds: seeds and foundation in one invocation, everything else in another.

Each node and each test runs exactly once: the second invocation excludes just what the first one chose.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from extract.errors.warehouse import ConnectionLost, SetupFailed
from extract.observer import Observer, observed
from extract.settings import ROOT
from orchestrate.dbt.manifest import TESTS
from orchestrate.dbt.outcomes import Outcome, failure, is_failure, is_warning, outcomes, summary, told
from orchestrate.warehouse.preparation import Prepared
from orchestrate.warehouse.runs import Recorder, Run, Step


class Building:
    """Runs dbt and records its outcomes. `nodes` are those of all invocations so far, `warnings` what warned."""

    def __init__(self, ready: Prepared, recorder: Recorder, observer: Observer[Run | Step]) -> None:
        self._ready, self._recorder, self._observer = ready, recorder, observer
        self.nodes: list[Outcome] = []
        self.warnings: list[str] = []

    def build_first(self) -> None:
        """Seeds and foundation, in the order that dbt finds. Raises what `outcomes.failure` makes of it."""
        started, clock = datetime.now(UTC), time.perf_counter()
        nodes = self._build(["--select", *self._ready.chosen_by], "foundation")
        total = time.perf_counter() - clock
        seeds = {seed.node.unique_id for seed in self._ready.manifest.seeds}
        of_seeds = [node for node in nodes if self._is_of(node, seeds)]
        ids = {node.unique_id for node in of_seeds}
        ends = [result.ended_at for result in self._ready.dbt.results if result.ended_at and result.unique_id in ids]
        seconds = 0.0
        if ends:
            last = datetime.fromisoformat(max(ends)).replace(tzinfo=UTC)
            seconds = min(max((last - started).total_seconds(), 0), total)
        self._record("seeds", of_seeds, seconds)
        self._record("foundation", [node for node in nodes if node.unique_id not in ids], total - seconds)
        self._check(nodes, "seeds and foundation")

    def build_rest(self) -> None:
        """Whatever the first part left: other models, and the tests between both. Raises as `build_first`."""
        done = {node.unique_id for node in self.nodes}
        if not self._ready.manifest.nodes.keys() - done:
            self.skip("models", "nothing beyond the foundation")
            return
        clock = time.perf_counter()
        nodes = self._build(["--exclude", *self._ready.chosen_by], "models")
        self._record("models", nodes, time.perf_counter() - clock)
        self._check(nodes, "models")

    def skip(self, name: str, why: str) -> None:
        """Record a step that has nothing to do."""
        with self._recorder.step(name) as details:
            details.skipped, details.text = True, why

    def _is_of(self, node: Outcome, seeds: set[str]) -> bool:
        parents = self._ready.manifest.nodes[node.unique_id].parents
        return node.unique_id in seeds or (node.kind in TESTS and bool(parents) and set(parents) <= seeds)

    def _build(self, arguments: Sequence[str], step: str) -> list[Outcome]:
        dbt, target = self._ready.dbt, self._ready.target
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

    def _check(self, nodes: Sequence[Outcome], step: str) -> None:
        run_id = self._recorder.run.run_id
        error = failure(nodes, self._ready.target, self._ready.sessions.blocker, step, run_id, ROOT)
        if error is None or isinstance(error, SetupFailed):
            self._ready.check_lock(step)  # a node may also fail since the server went down
        if error:
            raise error
