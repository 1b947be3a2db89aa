"""Violations for every error test of the dbt project: what brings each about, and what mends it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from conftest import Checkout, Database
from extract.errors.base import ExitCode

STEPS = "dbt_project/models/intermediate"
COMPANY, MONTH = "512065202", "2024-03-01"
PUBLISHED = "select batch_id, tested, invocation_id from marts.published"


def state(database: Database) -> list[tuple[object, ...]]:
    """Every relation of marts: its identity, where its bytes are, and what it holds."""
    relations = database.query(
        "select relname::text, oid::bigint, relfilenode::bigint from pg_class"
        " where relnamespace = 'marts'::regnamespace and relkind in ('r', 'v', 'm') order by 1"
    )
    return [(name, *where, *contents(database, f"marts.{name}")) for name, *where in relations]


def contents(database: Database, relation: str) -> tuple[object, ...]:
    """How many rows a relation has, and a fingerprint of them."""
    (found,) = database.query(
        f"select count(*), md5(string_agg(row::text, chr(10) order by row::text)) from {relation} as row"
    )
    return found


def restated(database: Database, figure: str, value: str, where: str) -> None:
    """A further batch in which rows of the first one come again with another figure."""
    where = f"{where} and trustee_performance.batch_id = 1"
    database.query(
        "with batch as (insert into staging.load_batches (domain, mode, loaded_by, files, rows, rejects, version)"
        f" select domain, mode, loaded_by, 1, count(*) filter (where {where}), 0, version from staging.load_batches"
        " cross join staging.trustee_performance where load_batches.batch_id = 1 group by 1, 2, 3, version"
        " returning batch_id, rows),"
        " file as (insert into staging.source_files (batch_id, path, sha256, size, modified_at, sheet, header_row,"
        " rows_read, rows_loaded, rows_rejected, rows_skipped)"
        " select batch_id, '/planted.xlsx', repeat('0', 64), 1, now(), 's', 1, rows, rows, 0, 0 from batch"
        " returning batch_id, file_id)"
        " insert into staging.trustee_performance (batch_id, file_id, processed_at, report_date, plan_code,"
        " company_code, return_rate, net_asset_value, fund_scale, has_performance_data, validation_warnings,"
        " data_source, source_sheet, source_row)"
        " select file.batch_id, file.file_id, now(), report_date, plan_code, company_code,"
        f" {value if figure == 'return_rate' else 'return_rate'}, net_asset_value,"
        f" {value if figure == 'fund_scale' else 'fund_scale'}, has_performance_data, validation_warnings,"
        f" data_source, source_sheet, source_row from staging.trustee_performance cross join file where {where}"
    )


@dataclass(frozen=True)
class Plant:
    """A violation: statements or files that bring it about, and what mends it."""

    statement: str = ""
    mending: str = ""
    figure: tuple[str, str, str] | None = None
    edits: dict[str, Callable[[str], str]] = field(default_factory=dict)

    def apply(self, checkout: Checkout, database: Database) -> Callable[[], None]:
        """Bring it about; gives what mends it."""
        originals = {checkout.root / path: (checkout.root / path).read_text("utf-8") for path in self.edits}
        for path, edit in zip(originals, self.edits.values(), strict=True):
            path.write_text(edit(originals[path]), "utf-8")
        if self.statement:
            database.query(self.statement)
        if self.figure:
            restated(database, *self.figure)

        def mend() -> None:
            for path, text in originals.items():
                path.write_text(text, "utf-8")
            if self.mending:
                database.query(self.mending)
            if self.figure:
                (batch,) = database.query("select max(batch_id)::text from staging.load_batches")
                assert checkout.run("undo", *batch).returncode == ExitCode.OK

        return mend


def doubled(model: str, statement: str = "", mending: str = "") -> Plant:
    """A view that has every row twice."""

    def twice(text: str) -> str:
        return f"with original as (\n{text}\n)\nselect * from original union all select * from original\n"

    return Plant(statement, mending, edits={f"{STEPS}/{model}.sql": twice})


def line(seed: str, text: str) -> Plant:
    """A seed with one more line."""
    return Plant(edits={f"dbt_project/seeds/{seed}.csv": lambda old: f"{old}{text}\n"})


def changed(table: str, column: str, wrong: str, right: str, where: str) -> Plant:
    """Rows of a table with another value."""
    change = "update {} set {} = {} where {}"
    return Plant(change.format(table, column, wrong, where), change.format(table, column, right, where))


FIRST = (
    "(report_date, plan_code) = (select report_date, plan_code from marts.trustee_performance order by 1, 2 limit 1)"
)
ONE_MONTH = f"company_code = '{COMPANY}' and report_date = '{MONTH}'"
THREE_MONTHS = "period in (select distinct period from staging.source_files order by 1 desc limit 3)"
HISTORIES = ("marts.trustee_performance_history", "intermediate.int_trustee_performance_history_next")
BOTH_HISTORIES = ["; ".join(f"update {table} set fund_scale = fund_scale {sign} 1 where {FIRST}" for table in HISTORIES)
                  for sign in "+-"]  # fmt: skip
REJECTED = (
    "insert into staging.rejected_rows (batch_id, file_id, source_row, row, errors)"
    " select batch_id, file_id, 1000 + number, '{}', '[]' from staging.source_files, generate_series(1, 100) as number"
    f" where {THREE_MONTHS};"
    " update staging.source_files set rows_rejected = rows_rejected + 100, rows_read = rows_read + 100"
    f" where {THREE_MONTHS}"
)
ACCEPTED = (
    "delete from staging.rejected_rows;"
    " update staging.source_files set rows_rejected = 0, rows_read = rows_read - rows_rejected"
)
TWICE = (
    "insert into staging.trustee_performance select * from staging.trustee_performance where batch_id = 2;"
    " update staging.source_files set rows_loaded = 2 * rows_loaded, rows_read = 2 * rows_read where batch_id = 2"
)
PLANTS = {
    "trustee_performance_counts_equal_landed_rows": changed(
        "staging.source_files", "(rows_loaded, rows_read)", "(rows_loaded + 1, rows_read + 1)",
        "(rows_loaded - 1, rows_read - 1)", "file_id = 1"),
    "closed_months_stay_as_they_are": Plant(
        "insert into staging.closings (period, batch_id, closed_by, fingerprints, version) values"
        f" ('{MONTH}', 1, 'anna', '{{\"trustee_performance\": {{\"sha256\": \"0\", \"columns\": []}}}}', '0')",
        f"insert into staging.reopenings (batch_id, period, reason) values (2, '{MONTH}', 'planted')"),
    "companies_do_not_jump": Plant(figure=("fund_scale", "fund_scale * 10000", ONE_MONTH)),
    "companies_of_plans_have_names": line("plans", "NEW-PLAN,A plan,NOBODY,,IL"),
    "company_totals_equal_their_plans": changed(
        "intermediate.int_company_monthly_summary_next", "plans_reported", "plans_reported + 1", "plans_reported - 1",
        ONE_MONTH),
    "trustee_performance_current_versions_equal_the_mart": Plant(*BOTH_HISTORIES),
    "trustee_performance_history_is_as_published": changed(
        HISTORIES[0], "fund_scale", "fund_scale + 1", "fund_scale - 1", FIRST),
    "trustee_performance_versions_follow_one_another": changed(HISTORIES[0], "valid_to", "valid_from", "null", FIRST),
    "trustee_performance_equals_latest_versions": changed(
        "staging.trustee_performance", "fund_scale", "fund_scale + 1", "fund_scale - 1", FIRST),
    "plans_do_not_vanish_in_numbers": changed(
        "intermediate.int_months", "plans_vanished", "plans_vanished + 1000", "plans_vanished - 1000",
        "report_date > (select max(report_date) - interval '4 months' from marts.trustee_performance)"),
    "rejects_stay_few": Plant(REJECTED, ACCEPTED),
    "rules_of_companies": line("companies", "512065202,Twice,IL"),
    "rules_of_expected_submissions": line("expected_submissions", "trustee_performance,512065202,2024-03-01,,0,"),
    "rules_of_explained_jumps": line("explained_jumps", "512065202,2024-03-01,colour,why not"),
    "rules_of_int_company_jumps": doubled("int_company_jumps"),
    "rules_of_int_company_monthly_summary_next": Plant(figure=("return_rate", "50", ONE_MONTH)),
    "rules_of_int_data_quality_monthly_next": changed(
        "staging.source_files", "rows_skipped", "rows_skipped + 1", "rows_skipped - 1", "file_id = 1"),
    "rules_of_int_load_audit_next": doubled("int_load_audit_next"),
    "rules_of_int_load_batches_in_effect": doubled("int_load_batches_in_effect"),
    "rules_of_int_plan_monthly_performance_next": changed(
        "intermediate.int_plan_monthly_performance_next", "drawdown", "drawdown + 2", "drawdown - 2", ONE_MONTH),
    "rules_of_int_sheets_in_account": doubled("int_sheets_in_account"),
    "rules_of_int_submissions_next": line(
        "expected_submissions",
        f"trustee_performance,{COMPANY},2024-01-01,,15,\ntrustee_performance,{COMPANY},{MONTH},,9,"),
    "rules_of_nothing_to_report": line("nothing_to_report", f"trustee_performance,{COMPANY},{MONTH},,"),
    "rules_of_plans": line("plans", "NEW-PLAN,One,512065202,,IL\nNEW-PLAN,Two,512065202,,IL"),
    "rules_of_stg_load_batches": changed("staging.load_batches", "mode", "'guess'", "'delete_insert'", "batch_id = 1"),
    "rules_of_stg_trustee_performance": Plant(figure=("fund_scale", "fund_scale", ONE_MONTH)),
}  # fmt: skip
