"""The check of our own behind the marts: has every company that owes figures sent them in time?"""

import dagster as dg

from orchestrate.dagster.failures import as_failures
from orchestrate.dagster.resources import Workbooks
from orchestrate.warehouse.submissions import submissions

MART = dg.AssetKey(["marts", "submission_status"])


def expected_submissions() -> dg.AssetChecksDefinition:
    """The check, as `python run.py missing --fail` makes it. It warns: who is late does not hold up the others."""

    @dg.asset_check(
        asset=MART,
        name="expected_submissions",
        description="Nobody who owes figures (seed expected_submissions) is past the due day.",
    )
    def check(workbooks: Workbooks) -> dg.AssetCheckResult:
        with as_failures():
            found = submissions(workbooks.settings(), None)
        told = found.error.message if found.error else f"none of {len(found.missing)} missing submissions is overdue"
        return dg.AssetCheckResult(
            passed=not found.error,
            severity=dg.AssetCheckSeverity.WARN,
            description=told,
            metadata={"overdue": sum(map(len, found.overdue.values())), **found.counts},
        )

    return check
