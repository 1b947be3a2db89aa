"""Approvals: what somebody else than its planner has seen of a plan, and whether a load has one that counts."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class, in spite of its name
from psycopg2.extras import Json

from extract import __version__
from extract.database.connection import Target, transaction
from extract.domains.registry import Domain
from extract.errors.approvals import ApprovalMissing, ApprovalRequired
from extract.persons import person, same_login
from extract.plan.landing import Landing
from extract.staging.fragments import names
from extract.staging.tables import as_owner, columns_of, ensure_ledger, has_roles
from extract.wording import Sentence


@dataclass(frozen=True)
class Approval:
    """A line of staging.approvals. `database_user` is the login that the server knows."""

    approval_id: int
    plan_id: str
    domain: str
    planned_by: str
    approved_at: datetime
    approved_by: str
    database_user: str
    comment: str
    figures: Mapping[str, Any]

    @property
    def approver(self) -> str:
        """The login of the system, and that of the database."""
        return f"{self.approved_by} as {self.database_user}"


_COLUMNS = tuple(field.name for field in fields(Approval))


def write_approval(landing: Landing, comment: str, figures: Mapping[str, Any], target: Target) -> Approval:
    """Add an approval of the plan of a landing. Raises the errors of the database."""
    with transaction(target) as connection, connection.cursor() as cursor:
        if not columns_of(cursor, "approvals"):
            with as_owner(cursor):
                ensure_ledger(cursor)
        cursor.execute(
            sql.SQL(
                "INSERT INTO staging.approvals (plan_id, domain, planned_by, approved_by, comment, figures, version)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {}"
            ).format(names(_COLUMNS)),
            (
                landing.plan_id,
                landing.domain.name,
                landing.planned_by,
                person(),
                comment,
                Json(figures),
                __version__,
            ),
        )
        row = cursor.fetchone()
        assert row is not None  # RETURNING gives a row
        return Approval(*row)


def approvals_of(cursor: Cursor, plan_id: str) -> list[Approval]:
    """The approvals of a plan, newest first; none in a ledger of an earlier version."""
    if not columns_of(cursor, "approvals"):
        return []
    cursor.execute(
        sql.SQL("SELECT {} FROM staging.approvals WHERE plan_id = %s ORDER BY approval_id DESC").format(
            names(_COLUMNS)
        ),
        (plan_id,),
    )
    return [Approval(*row) for row in cursor]


def approval_for(cursor: Cursor, landing: Landing) -> Approval | None:
    """The newest approval that counts of the plan that is loaded; None where there is none and none is required.

    Raises ApprovalRequired for a load without a plan, and ApprovalMissing, where the domain has `require_approval`.
    """
    required = landing.domain.config.require_approval
    if landing.plan_id is None:
        refuse_without_plan(landing.domain)
        return None
    found = approvals_of(cursor, landing.plan_id)
    planner = landing.planned_by or ""
    cursor.execute("SELECT session_user::text")
    (loader,) = cursor.fetchone() or ("",)
    roles = has_roles(cursor)
    problems = [_why_not(approval, planner, loader if roles else None) for approval in found]
    counting = next((approval for approval, problem in zip(found, problems, strict=True) if problem is None), None)
    if counting is None and required:
        reasons = [reason for reason in problems if reason]
        problem = (
            Sentence.joined("; ", reasons)
            if reasons
            else Sentence("nobody has approved it since {planner} made it", planner=planner or "somebody")
        )
        raise ApprovalMissing(domain=landing.domain.name, plan=landing.plan_id, problem=problem)
    return counting


def refuse_without_plan(domain: Domain) -> None:
    """Raise ApprovalRequired where only approved plans may be loaded into a domain."""
    if domain.config.require_approval:
        raise ApprovalRequired(domain=domain.name)


def _why_not(approval: Approval, planner: str, loader: str | None) -> str | None:
    """Why an approval is not that of another person; None where it is. `loader` is None where all share one login."""
    if not planner:
        return Sentence("the plan, of an earlier version, does not say who made it")
    if same_login(approval.approved_by, planner):
        return Sentence("{approver} approved it, who planned it", approver=approval.approver)
    if approval.database_user == loader:
        return Sentence("{approver} approved it, by the login that loads it", approver=approval.approver)
    return None
