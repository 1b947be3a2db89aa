"""How old the sources are that dbt reads, against the limits of the project."""

from typing import Literal

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from pydantic import BaseModel, ConfigDict

from orchestrate.dbt.manifest import Freshness, Manifest
from orchestrate.warehouse.catalog import relations_in


class Age(BaseModel):
    """How old a source is, in seconds; None where it has no rows."""

    model_config = ConfigDict(frozen=True)

    source: str
    status: Literal["pass", "warn", "error", "empty"]
    seconds: float | None
    warn_after: float | None
    error_after: float | None


def ages(cursor: Cursor, manifest: Manifest) -> list[Age]:
    """How old each source is that has criteria of freshness; sources that do not exist count as empty."""
    found = relations_in(cursor, {item.relation.schema for item in manifest.freshness})
    return [_age(cursor, item, item.relation in found) for item in manifest.freshness]


def _age_query(item: Freshness) -> sql.Composed:
    """The age in seconds, by the query or the expression of the project, as dbt itself runs them."""
    if item.query:
        return sql.SQL("SELECT extract(epoch FROM now() - ({}))::float").format(sql.SQL(item.query))
    return sql.SQL("SELECT extract(epoch FROM now() - max({}))::float FROM {} WHERE {}").format(
        sql.SQL(item.loaded_at or "NULL"),
        sql.Identifier(item.relation.schema, item.relation.name),
        sql.SQL(item.filter or "true"),
    )


def _age(cursor: Cursor, item: Freshness, exists: bool) -> Age:
    seconds = None
    if exists:
        cursor.execute(_age_query(item))
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
        status=status,
        seconds=seconds,
        warn_after=item.warn_after,
        error_after=item.error_after,
    )


_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def freshness(age: Age) -> str:
    """How old a source is, in words."""
    return f"{age.source} empty" if age.seconds is None else f"{age.source} {duration(age.seconds)} old"


def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that matter."""
    if seconds is None:
        return "unknown"
    parts, left = [], int(seconds)
    for size, unit in _UNITS:
        if left >= size:
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2]) or "0 s"
