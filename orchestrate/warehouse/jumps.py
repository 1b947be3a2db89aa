"""Jumps of companies' months that nobody has explained, and the line of the seed that explains one."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.errors.plan import DiskFailed
from extract.errors.warehouse import JumpExplained
from extract.settings import ROOT

SEED = Path("dbt_project") / "seeds" / "explained_jumps.csv"


@dataclass(frozen=True)
class Jump:
    """A figure of a company that is far from that of the month before, or appeared or vanished (no factor).

    `fails` where a build refuses it (companies_do_not_jump), else it warns (companies_change_gradually).
    """

    report_date: date
    company_code: str
    measure: str
    old_value: Decimal | None
    new_value: Decimal | None
    factor: Decimal | None
    fails: bool


@dataclass(frozen=True)
class Explained:
    """The line that was added to the seed, and where."""

    path: Path
    line: str


def unexplained_jumps(cursor: Cursor, month: date | None = None) -> tuple[Jump, ...]:
    """The jumps of a month, or of all, largest first; none where the step is not built or not ours to read.

    The limits are those of the two tests; the figures are those of the last build, published or not.
    """
    cursor.execute(
        "SELECT has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')"
        " FROM pg_class WHERE relnamespace = to_regnamespace('intermediate') AND relname = 'int_company_jumps'"
    )
    if cursor.fetchone() != (True,):
        return ()
    cursor.execute(
        """
        SELECT report_date, company_code::text, measure, old_value, new_value, factor, coalesce(factor > 30, false)
        FROM intermediate.int_company_jumps
        WHERE explained_by IS NULL AND (factor > 3 OR has_appeared OR has_vanished)
            AND (%(month)s::date IS NULL OR report_date = %(month)s)
        ORDER BY factor DESC NULLS LAST, report_date DESC, company_code, measure
        """,
        {"month": month},
    )
    return tuple(Jump(*row) for row in cursor)


def explain(company: str, month: date, measure: str, reason: str, root: Path = ROOT) -> Explained:
    """Add a line to the seed of explained jumps, at its end. Raises JumpExplained and DiskFailed."""
    path = root / SEED
    try:
        text = path.read_text(encoding="utf-8-sig")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            if (row["company_code"], row["report_date"], row["measure"]) == (company, month.isoformat(), measure):
                raise JumpExplained(jump=f"{measure} of {company} in {month:%Y-%m}", reason=row["reason"] or "")
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow((company, month.isoformat(), measure, reason))
        with path.open("a", encoding="utf-8", newline="") as seed:
            seed.write("" if text.endswith("\n") else "\n")
            seed.write(line.getvalue())
    except OSError as error:
        raise DiskFailed(path=str(path), problem=error.strerror or str(error)) from None
    return Explained(path, line.getvalue().rstrip("\n"))
