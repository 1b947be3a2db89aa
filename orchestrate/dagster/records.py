"""What one step hands to the next: paths, counts and ids as JSON, never a model, a workbook or a connection."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from extract.plan.summary import read_summary
from orchestrate.results import Loaded

Json = dict[str, Any]


class PlanRecord(BaseModel):
    """A plan that was written. `id` names its bytes; `periods` are the months of its workbooks, as YYYY-MM."""

    model_config = ConfigDict(frozen=True)

    directory: str
    id: str
    domain: str
    table: str
    mode: str
    ready: bool
    periods: tuple[str, ...]
    files: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_skipped: int


class LoadRecord(BaseModel):
    """A load that was committed. `batch_id` is None where every workbook was loaded before; `skipped` are those."""

    model_config = ConfigDict(frozen=True)

    plan_id: str
    domain: str
    batch_id: int | None
    table: str
    mode: str
    database: str
    files: int
    rows: int
    rejects: int
    withdrawn: int
    skipped: tuple[str, ...]


def plan_record(directory: Path, table: str) -> tuple[PlanRecord, Mapping[str, Any]]:
    """The record of a plan, and all that its plan.json holds. Raises PlanMissing and PlanChanged."""
    _, content = read_summary(directory)
    totals = content["totals"]
    record = PlanRecord(
        directory=str(directory),
        id=content["id"],
        domain=content["domain"],
        table=table,
        mode=content["mode"],
        ready=content["status"] == "ready",
        periods=tuple(sorted({file["period"] for file in content["files"] if file["period"]})),
        files=totals["files"],
        rows_read=totals["rows_read"],
        rows_loaded=totals["rows_loaded"],
        rows_rejected=totals["rows_rejected"],
        rows_skipped=sum(totals["rows_skipped"].values()),
    )
    return record, content


def load_record(plan: PlanRecord, loaded: Loaded) -> LoadRecord:
    """The record of a load of a plan."""
    load = loaded.load
    return LoadRecord(
        plan_id=plan.id,
        domain=plan.domain,
        batch_id=load.batch_id,
        table=load.table,
        mode=plan.mode,
        database=loaded.target.label,
        files=load.files,
        rows=load.rows,
        rejects=load.rejects,
        withdrawn=load.withdrawn,
        skipped=tuple(file.data_source for file in load.skipped),
    )
