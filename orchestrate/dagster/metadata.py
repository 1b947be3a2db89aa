"""What a materialisation shows: counts, table, mode, files, the first rejects as a table, links to plan and rejects."""

import csv
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import dagster as dg

from extract.foreign import shown
from extract.plan.seal import TO_MEND
from orchestrate.dagster.records import LoadRecord, PlanRecord

_SHOWN = 50
"""Rows of a table; the files of the plan hold all."""


def of_plan(record: PlanRecord, content: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of a plan."""
    directory = Path(record.directory)
    found: dict[str, Any] = {
        "plan": dg.MetadataValue.path(str(directory)),
        "plan_id": record.id,
        "table": f"staging.{record.table}",
        "mode": record.mode,
        "dagster/row_count": record.rows_loaded,
        "files": record.files,
        "rows_read": record.rows_read,
        "rows_loaded": record.rows_loaded,
        "rows_rejected": record.rows_rejected,
        "rows_skipped": record.rows_skipped,
        "workbooks": _table(
            [
                {
                    "file": shown(file["path"]),
                    "sheet": shown(file["sheet"]),
                    "period": file["period"] or "",
                    "read": file["rows_read"],
                    "loaded": file["rows_loaded"],
                    "rejected": file["rows_rejected"],
                    "skipped": sum(file["rows_skipped"].values()),
                }
                for file in content["files"][:_SHOWN]
            ]
        ),
    }
    if record.rows_rejected:
        found["rejects"] = _table(_first_rejects(directory / "rejects.csv"))
        found[TO_MEND] = dg.MetadataValue.path(str(directory / TO_MEND))
    return {name: value for name, value in found.items() if value is not None}


def of_load(record: LoadRecord, plan: PlanRecord) -> dict[str, Any]:
    """The metadata of a load."""
    found: dict[str, Any] = {
        "batch": record.batch_id if record.batch_id is not None else "none: every workbook was loaded before",
        "database": record.database,
        "table": record.table,
        "mode": record.mode,
        "files": record.files,
        "rows": record.rows,
        "rejects": record.rejects,
        "withdrawn": record.withdrawn,
        "loaded_before": list(record.skipped),
        "plan_id": record.plan_id,
        "plan": dg.MetadataValue.path(plan.directory),
    }
    if plan.rows_rejected:
        found[TO_MEND] = dg.MetadataValue.path(str(Path(plan.directory) / TO_MEND))
    return found


def _table(rows: list[dict[str, Any]]) -> Any:
    return dg.MetadataValue.table([dg.TableRecord(row) for row in rows]) if rows else None


def _first_rejects(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return [{name: shown(value) for name, value in row.items()} for row in islice(csv.DictReader(lines), _SHOWN)]
