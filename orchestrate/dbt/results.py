"""The results of one invocation of dbt, read from the run_results.json that it wrote."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrate.dbt.problems import one_line


@dataclass(frozen=True)
class Result:
    """What dbt did with one node; `failures` of a test, `rows` where the database told them. Times are ISO 8601."""

    unique_id: str
    status: str
    seconds: float
    message: str
    failures: int | None
    rows: int | None
    started_at: str | None
    ended_at: str | None


def read_results(path: Path) -> list[Result]:
    """The results in a file."""
    return [_result(entry) for entry in json.loads(path.read_text(encoding="utf-8"))["results"]]


def _result(entry: dict[str, Any]) -> Result:
    timing = [part for part in entry.get("timing") or () if part.get("started_at") and part.get("completed_at")]
    rows = (entry.get("adapter_response") or {}).get("rows_affected")
    return Result(
        unique_id=entry["unique_id"],
        status=entry["status"],
        seconds=entry["execution_time"],
        message=one_line(entry.get("message") or ""),
        failures=entry.get("failures"),
        rows=rows if isinstance(rows, int) and rows >= 0 else None,
        started_at=min((part["started_at"] for part in timing), default=None),
        ended_at=max((part["completed_at"] for part in timing), default=None),
    )
