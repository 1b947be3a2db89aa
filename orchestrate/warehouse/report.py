"""`run.py report`: what a run did, from the record that it kept, compared with earlier runs of its kind."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from extract.settings import ROOT
from orchestrate.dbt.manifest import TESTS
from orchestrate.dbt.outcomes import Outcome, is_failure
from orchestrate.dbt.project import RUNS
from orchestrate.warehouse.runs import Run, find_run, runs

SLOWER = 1.25
"""More than this many times the median of the earlier runs counts as slower."""
_NOISE = 1.0
"""Seconds below which a difference means nothing."""
_COMPARED = 5


@dataclass(frozen=True)
class Comparison:
    """The seconds of earlier successful runs of the same mode, database and number of nodes, newest first."""

    earlier: list[float]
    now: float

    @property
    def median(self) -> float | None:
        """Median of the earlier ones; None where there is none."""
        return median(self.earlier) if self.earlier else None

    @property
    def slower(self) -> bool:
        """Whether this run took notably longer."""
        usual = self.median
        return usual is not None and self.now > usual * SLOWER and self.now - usual > _NOISE


@dataclass(frozen=True)
class Report:
    """A run, and what can be said about it."""

    run: Run
    comparison: Comparison
    by_kind: dict[str, Counter[str]]
    tests_by_severity: dict[str, Counter[str]]
    slowest: list[Outcome]
    failed: list[Outcome]


def report(run_id: str | None) -> Report:
    """The report of a run, the last one by default. Raises RunUnknown."""
    folder = ROOT / RUNS
    return summarised(find_run(folder, run_id), runs(folder))


def summarised(run: Run, known: list[Run]) -> Report:
    """A run with its counts, its slowest nodes, and the runs before it that it can be compared with."""
    earlier = [
        other.seconds - other.waited_for_locks
        for other in known
        if other.started_at < run.started_at
        and (other.mode, other.database, len(other.nodes)) == (run.mode, run.database, len(run.nodes))
        and other.outcome in ("success", "warnings")
    ]
    by_kind: dict[str, Counter[str]] = {}
    by_severity: dict[str, Counter[str]] = {}
    for node in run.nodes:
        by_kind.setdefault(node.kind, Counter())[node.status] += 1
        if node.kind in TESTS:
            by_severity.setdefault(node.severity or "unit test", Counter())[node.status] += 1
    return Report(
        run=run,
        comparison=Comparison(earlier[:_COMPARED], run.seconds - run.waited_for_locks),
        by_kind=by_kind,
        tests_by_severity=by_severity,
        slowest=sorted(run.nodes, key=lambda node: -node.seconds)[:5],
        failed=[node for node in run.nodes if is_failure(node)],
    )
