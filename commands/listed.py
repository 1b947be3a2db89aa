"""All commands beside the plan, in the order in which `--help` lists them."""

import click

from commands import approvals, ledger, loads, warehouse

ALL: tuple[click.Command, ...] = (
    approvals.approve,
    loads.apply,
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
