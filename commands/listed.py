"""All commands beside the plan, in the order in which `--help` lists them."""

import click

from commands import approvals, closings, figures, ledger, loads, submissions, warehouse

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
    warehouse.domain_sql,
    warehouse.setup,
    warehouse.status,
    warehouse.reset,
    warehouse.report,
    warehouse.docs,
)
