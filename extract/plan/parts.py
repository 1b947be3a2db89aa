"""Single files of a plan: its summary, its comparison with the mart, and the workbook for the reviewer."""

import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from extract.domains.registry import Domain
from extract.errors.plan import DiskFailed
from extract.plan.seal import BOM, DIFF, REVIEW, SUMMARY, identified, render, sha256_of

if TYPE_CHECKING:
    from extract.plan.differences import Diff


def write_diff(diff: "Diff", directory: Path) -> dict[str, Any]:
    """Write diff.csv; gives what plan.json says of it. Raises OSError."""
    from extract.plan.month_before import month_before_entry

    path = directory / DIFF
    with _new_file(path) as target:
        target.write(BOM)
        copy_spool(diff.lines, target)
    return {
        "compared_with": diff.table,
        "position": diff.position,
        "position_at": diff.position_at,
        "mart_exists": diff.mart_exists,
        "batches_not_built": diff.not_built,
        "new": diff.new,
        "changed": diff.changed,
        "changed_fields": diff.changed_fields,
        "unchanged": diff.unchanged,
        "absent": diff.absent,
        "month_before": month_before_entry(diff.month_before),
        "sha256": sha256_of(path),
    }


def write_review(summary: dict[str, Any], directory: Path, domain: Domain) -> None:
    """Write plan.xlsx of the plan in a directory. Raises OSError."""
    from extract.plan.review import review_workbook  # XlsxWriter is slow to import

    measures = frozenset(column.name for column in domain.columns if column.sql_type.startswith("numeric"))
    content = review_workbook(summary, directory, measures)
    with _new_file(directory / REVIEW) as target:
        target.write(content)


def add_diff(diff: "Diff", directory: Path, content: dict[str, Any], domain: Domain) -> str:
    """Put the comparison into a plan that was written before; gives the identity that it has then. Raises DiskFailed.

    `content` is what its plan.json held when it was checked, since others may write to the directory meanwhile.
    """
    plain = {name: value for name, value in content.items() if name != "diff"}
    try:
        if len(plain) < len(content):  # first: whoever stops in between leaves a plan without a diff, not a broken one
            write_summary(identified(plain), directory)
        compared = identified({**plain, "diff": write_diff(diff, directory)})
        write_summary(compared, directory)
        write_review(compared, directory, domain)
    except OSError as error:
        raise DiskFailed(path=str(directory), problem=error.strerror or str(error)) from None
    return str(compared["id"])


def write_summary(summary: dict[str, Any], directory: Path) -> None:
    """Write plan.json, whole or not at all. Raises OSError."""
    working = directory / f".{SUMMARY}.tmp"
    with _new_file(working) as target:
        target.write(render(summary))
    working.replace(directory / SUMMARY)


def _new_file(path: Path) -> IO[bytes]:
    """A new file in place of what is there. A plan may come from others: a link in it must not lead the write away."""
    path.unlink(missing_ok=True)
    return path.open("xb")


def copy_spool(spool: IO[bytes], target: IO[bytes]) -> None:
    """Write the whole of a spool to a file."""
    spool.seek(0)
    shutil.copyfileobj(spool, target, 2**20)
