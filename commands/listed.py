"""All commands beside the plan, in the order in which `--help` lists them."""

import click

from commands import (
    approvals,
    closings,
    dagster,
    figures,
    ledger,
    loads,
    new_domain,
    notices,
    page,
    people,
    server,
    submissions,
    warehouse,
)

ALL: tuple[click.Command, ...] = (
    approvals.approve,
    loads.apply,
    closings.close,
    closings.audit,
    figures.trace,
    ledger.history,
    ledger.undo,
    ledger.prune,
    ledger.repair,
    submissions.missing,
    submissions.rejects,
    submissions.waive,
    submissions.explain,
    new_domain.new_domain,
    warehouse.domain_sql,
    warehouse.setup,
    warehouse.status,
    warehouse.reset,
    warehouse.report,
    warehouse.docs,
    page.month,
    page.page,
    people.export,
    people.plans,
    notices.notify,
    server.server,
    dagster.dagster,
)
