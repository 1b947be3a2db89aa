"""Which tests the published build ran and what they found, as dbt or a setup kept it on this machine."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from extract.settings import ROOT
from orchestrate.dbt.manifest import TESTS
from orchestrate.dbt.project import RUNS
from orchestrate.dbt.publication import Publication
from orchestrate.warehouse.runs import runs_of

_RESULTS = Path("target") / "run_results.json"
_WORST_FIRST = ("error", "could not run", "fail", "warn", "skipped", "pass")


@dataclass(frozen=True)
class FoundTest:
    """A test: how it ended, how many rows it found (None where it did not count), and where these are kept."""

    name: str
    status: str
    rows: int | None
    kept_in: str


@dataclass(frozen=True)
class AskedTests:
    """The tests of one build, what found something first. `of_published` tells whether the marts are of that build."""

    tests: tuple[FoundTest, ...]
    of_published: bool

    def count(self, status: str) -> int:
        """How many ended in a status."""
        return sum(test.status == status for test in self.tests)


def asked_tests(project: Path, database: str, published: Publication, last_build: str | None) -> AskedTests | None:
    """The tests of the build that published, or of the last one where that failed; None where neither is known here.

    `last_build` is the invocation of dbt that began last; one that fails publishes nothing.
    """
    newest = _of_dbt(project)
    if newest and newest[0] in (published.invocation_id, last_build):
        return _ordered(newest[1], of_published=newest[0] == published.invocation_id)
    for run in runs_of(ROOT / RUNS, database, project):
        if run.ended_at and run.started_at <= published.published_at <= run.ended_at:
            tests = [
                FoundTest(node.name, node.status, node.observed, node.failures_in or "")
                for node in run.nodes
                if node.kind in TESTS
            ]
            return _ordered(tests, of_published=True)
    return None


def _of_dbt(project: Path) -> tuple[str, list[FoundTest]] | None:
    """The last invocation of `dbt build` in a project and its tests; None where there was none."""
    try:
        content = json.loads((project / _RESULTS).read_bytes())
        return content["metadata"]["invocation_id"], list(_tests(content["results"]))
    except (OSError, ValueError, KeyError, TypeError):  # never built, or of another version of dbt
        return None


def _tests(results: list[dict[str, object]]) -> Iterator[FoundTest]:
    for result in results:
        kind, _, rest = str(result["unique_id"]).partition(".")
        if kind in TESTS:
            name = rest.split(".")[1]
            kept = str(result.get("relation_name") or "").replace('"', "").partition(".")[2]
            failures = result["failures"]
            yield FoundTest(name, str(result["status"]), failures if isinstance(failures, int) else None, kept)


def _ordered(tests: list[FoundTest], *, of_published: bool) -> AskedTests:
    def place(test: FoundTest) -> tuple[int, str]:
        return (_WORST_FIRST.index(test.status) if test.status in _WORST_FIRST else 0, test.name)

    return AskedTests(tuple(sorted(tests, key=place)), of_published)
