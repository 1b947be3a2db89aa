"""Waivers: rejects that somebody decides to do without, each with who, when and why; lines are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name

from extract.database.connection import Target, transaction
from extract.errors.staging import RejectSettled, RejectUnknown
from extract.persons import person
from extract.staging.ledger import has_ledger, undone
from extract.staging.tables import as_owner, columns_of, ensure_ledger
from extract.wording import Sentence


@dataclass(frozen=True)
class Waiver:
    """A reject that was waived: by whom on which machine, under which login of the database."""

    reject_id: str
    reason: str
    waived_at: datetime
    waived_by: str
    database_user: str


def waive(reject_ids: Sequence[str], reason: str, target: Target) -> tuple[Waiver, ...]:
    """Waive rejects, all of them or none.

    Raises RejectUnknown, RejectSettled where one is mended or waived already, and the errors of `extract.database`.
    """
    with transaction(target) as connection, connection.cursor() as cursor:
        if not has_ledger(cursor):
            raise RejectUnknown(reject=reject_ids[0])
        if not columns_of(cursor, "waivers"):  # that of an earlier version
            with as_owner(cursor):
                ensure_ledger(cursor)
        out_of_effect = undone(cursor)
        return tuple(_waive(cursor, reject_id, reason, out_of_effect) for reject_id in dict.fromkeys(reject_ids))


def _waive(cursor: Cursor, reject_id: str, reason: str, out_of_effect: dict[int, int]) -> Waiver:
    # rejects of versions that knew no ids are named as in the staging view stg_rejected_rows
    cursor.execute(
        "SELECT 1 FROM staging.rejected_rows"
        " WHERE coalesce(reject_id, 'F' || file_id || '-' || source_row) = %s LIMIT 1",
        (reject_id,),
    )
    if not cursor.fetchone():
        raise RejectUnknown(reject=reject_id)
    cursor.execute("SELECT batch_id FROM staging.mended_rejects WHERE reject_id = %s ORDER BY batch_id", (reject_id,))
    if mended := [batch_id for (batch_id,) in cursor if batch_id not in out_of_effect]:
        raise RejectSettled(reject=reject_id, outcome=Sentence("came back mended in batch {batch}", batch=mended[0]))
    cursor.execute(
        "SELECT waived_at, waived_by, database_user, reason FROM staging.waivers WHERE reject_id = %s", (reject_id,)
    )
    if row := cursor.fetchone():
        outcome = Sentence(
            "was waived at {when} by {login} as {role}: {reason}",
            when=f"{row[0]:%Y-%m-%d %H:%M:%S}",
            login=row[1],
            role=row[2],
            reason=row[3],
        )
        raise RejectSettled(reject=reject_id, outcome=outcome)
    cursor.execute(
        "INSERT INTO staging.waivers (reject_id, reason, waived_by) VALUES (%s, %s, %s)"
        " RETURNING reject_id, reason, waived_at, waived_by, database_user",
        (reject_id, reason, person()),
    )
    made = cursor.fetchone()
    assert made is not None  # RETURNING gives a row
    return Waiver(*made)
