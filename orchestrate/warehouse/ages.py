"""How old the sources are that dbt reads, against the limits of the project."""

from collections.abc import Mapping
from typing import Literal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from pydantic import BaseModel, ConfigDict

from extract.modes import STAGING
from extract.wording import Sentence
from orchestrate.dbt.manifest import Freshness, Manifest, Relation
from orchestrate.warehouse.catalog import relations_in


class Age(BaseModel):
    """How old a source is, in seconds; None where it has no rows."""

    model_config = ConfigDict(frozen=True)

    source: str
    domain: str | None = None
    status: Literal["pass", "warn", "error", "empty"]
    seconds: float | None
    warn_after: float | None
    error_after: float | None


def ages(cursor: Cursor, manifest: Manifest, domains: Mapping[str, str]) -> list[Age]:
    """How old each source is that has criteria of freshness, and the last load of each configured domain.

    `domains` maps them to their tables. One whose table has no criteria has those of the ledger. Sources that do not
    exist count as empty.
    """
    found = relations_in(cursor, {_LEDGER.schema, *(item.relation.schema for item in manifest.freshness)})
    names = {Relation(STAGING, table): name for name, table in domains.items()}
    declared = {item.relation: item for item in manifest.freshness}
    ledger = declared.get(_LEDGER)
    limits = (ledger.warn_after, ledger.error_after) if ledger else (None, None)
    of_sources = [
        _age(cursor, item, names.get(item.relation), _age_query(item) if item.relation in found else None)
        for item in manifest.freshness
    ]
    of_domains = [
        _age(
            cursor,
            Freshness(relation, None, None, None, *limits),
            name,
            _age_of_domain(name) if _LEDGER in found else None,
        )
        for relation, name in names.items()
        if relation not in declared
    ]
    return of_sources + of_domains


_LEDGER = Relation(STAGING, "load_batches")


def _age_of_domain(name: str) -> sql.Composed:
    """The age of the last load of a domain, by the ledger."""
    return sql.SQL(
        "SELECT extract(epoch FROM now() - max(loaded_at))::float FROM {} WHERE domain = {} AND mode <> 'undo'"
    ).format(sql.Identifier(_LEDGER.schema, _LEDGER.name), sql.Literal(name))


def _age_query(item: Freshness) -> sql.Composed:
    """The age in seconds, by the query or the expression of the project, as dbt itself runs them."""
    if item.query:
        return sql.SQL("SELECT extract(epoch FROM now() - ({}))::float").format(sql.SQL(item.query))
    return sql.SQL("SELECT extract(epoch FROM now() - max({}))::float FROM {} WHERE {}").format(
        sql.SQL(item.loaded_at or "NULL"),
        sql.Identifier(item.relation.schema, item.relation.name),
        sql.SQL(item.filter or "true"),
    )


def _age(cursor: Cursor, item: Freshness, domain: str | None, query: sql.Composed | None) -> Age:
    seconds = None
    if query:
        cursor.execute(query)
        (seconds,) = cursor.fetchone() or (None,)
    status: Literal["pass", "warn", "error", "empty"] = "pass"
    if seconds is None:
        status = "empty"
    elif item.error_after is not None and seconds > item.error_after:
        status = "error"
    elif item.warn_after is not None and seconds > item.warn_after:
        status = "warn"
    return Age(
        source=str(item.relation),
        domain=domain,
        status=status,
        seconds=seconds,
        warn_after=item.warn_after,
        error_after=item.error_after,
    )


def freshness(age: Age) -> str:
    """How old a source is, in words."""
    if age.seconds is None:
        return Sentence("{source} empty", source=age.source)
    return Sentence("{source} {age} old", source=age.source, age=duration(age.seconds))


def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that matter."""
    if seconds is None:
        return Sentence("unknown")
    left, parts = int(seconds), []
    days, hours, minutes = left // 86400, left // 3600 % 24, left // 60 % 60
    if days:
        parts.append(Sentence("{days} d", days=days))
    if hours:
        parts.append(Sentence("{hours} h", hours=hours))
    if minutes:
        parts.append(Sentence("{minutes} min", minutes=minutes))
    if left % 60:
        parts.append(Sentence("{seconds} s", seconds=left % 60))
    return Sentence.joined(" ", parts[:2] or [Sentence("{seconds} s", seconds=0)])
