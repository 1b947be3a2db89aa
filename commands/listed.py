"""All commands beside the plan, in the order in which `--help` lists them."""

import click

from commands import dagster, ledger, loads, new_domain, notices, people, server, warehouse

ALL: tuple[click.Command, ...] = (
    loads.apply,
    ledger.history,
    ledger.undo,
    ledger.prune,
    ledger.repair,
    new_domain.new_domain,
    warehouse.domain_sql,
    warehouse.setup,
    warehouse.status,
    warehouse.reset,
    warehouse.report,
    warehouse.docs,
    dagster.dagster,
    server.server,
    people.export,
    people.plans,
    notices.notify,
)
