"""All commands beside the plan, in the order in which `--help` lists them."""

import click

from commands import approvals, closings, ledger, loads, warehouse

ALL: tuple[click.Command, ...] = (
    approvals.approve,
    loads.apply,
    closings.close,
    ledger.history,
    ledger.undo,
    ledger.prune,
    ledger.repair,
    warehouse.domain_sql,
    warehouse.setup,
    warehouse.status,
    warehouse.reset,
    warehouse.report,
    warehouse.docs,
)
