"""Tables of decisions, to which lines are only ever added: whoever may add one can neither change nor remove any.

With the roles of config/roles.sql the role APPROVER adds lines, and nobody else; a trigger keeps also the owner from
changing them. Who decided and when are defaults of the database, which the role cannot fill itself.
"""

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.modes import STAGING

APPROVER = "workdatahub_approver"
"""Who decides: waives rejects, approves plans, closes months."""
DECISIONS: dict[str, tuple[str, ...]] = {
    "waivers": ("reject_id", "reason", "waived_by"),
    "approvals": ("plan_id", "domain", "planned_by", "approved_by", "comment", "figures", "version"),
    "closings": ("period", "batch_id", "closed_by", "fingerprints", "version"),
}
"""The tables, each with the columns that the approver fills."""
_FUNCTION = sql.Identifier(STAGING, "refuse_change")
# config/roles.sql compares the body with these words
_BODY = "begin raise exception '%.% is append-only', tg_table_schema, tg_table_name; end"


def protect_decisions(cursor: Cursor, table: str, loader: str | None) -> None:
    """Let nobody change or remove a line of a table that was just made, and nobody but the approver add one.

    `loader` is the role that by default may add rows to what is made in staging; None without the roles.
    """
    relation = sql.Identifier(STAGING, table)
    cursor.execute("SELECT to_regprocedure(%s) IS NULL", (f"{STAGING}.refuse_change()",))
    if cursor.fetchone() == (True,):
        cursor.execute(
            sql.SQL("CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS {}").format(_FUNCTION, sql.Literal(_BODY))
        )
    cursor.execute(
        sql.SQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {}"
            " FOR EACH STATEMENT EXECUTE FUNCTION {}()"
        ).format(relation, _FUNCTION)
    )
    if not loader:
        return
    cursor.execute(sql.SQL("REVOKE INSERT ON {} FROM {}").format(relation, sql.Identifier(loader)))
    cursor.execute("SELECT to_regrole(%s) IS NOT NULL", (APPROVER,))
    if cursor.fetchone() == (True,):  # else roles.sql is of an earlier version, and grants this when it is run again
        columns = sql.SQL(", ").join(map(sql.Identifier, DECISIONS[table]))
        cursor.execute(
            sql.SQL("GRANT SELECT, INSERT ({}) ON {} TO {}").format(columns, relation, sql.Identifier(APPROVER))
        )
