"""The commands on what was loaded before: its history, the undo of a batch, the removal of old versions, repairs."""

from extract.config import load_data_sources
from extract.database.connection import transaction
from extract.database.targets import database_target
from extract.domains.registry import Domain, load_domain
from extract.settings import Settings
from extract.staging import history as histories
from extract.staging import retention, withdrawal
from extract.staging.ledger import batches, files_of, find_batch, has_ledger
from extract.steps import timed_step
from orchestrate.results import History, Pruned, Repaired, Undone


def history(settings: Settings, *, limit: int) -> History:
    """The last batches of the ledger with their workbooks. Raises the errors of the database."""
    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        shown = batches(cursor, limit=limit) if has_ledger(cursor) else []
        files = files_of(cursor, [batch.batch_id for batch in shown]) if shown else []
    return History(target.label, tuple(shown), tuple(files))


def undo(batch_id: int, settings: Settings, *, lock_timeout: float) -> Undone:
    """Take a batch out again. Raises BatchUnknown, BatchNotUndoable, LoadLocked and the errors of the database."""
    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        name = find_batch(cursor, batch_id).domain
    with timed_step("undone", batch=batch_id):
        done = withdrawal.undo(_domain(name, settings), batch_id, target, lock_timeout)
    return Undone(target, settings.dbt_project, done)


def prune(name: str | None, settings: Settings, *, keep_batches: int, execute: bool, lock_timeout: float) -> Pruned:
    """Remove versions of a domain that no mart needs, or without `execute` count them.

    Raises HistoryNotBuilt, LoadLocked and the errors of the database.
    """
    domain = _domain(name, settings)
    target = database_target(settings)
    return Pruned(target.label, retention.prune(domain, keep_batches, target, lock_timeout, execute=execute))


def repair_history(settings: Settings, *, execute: bool, lock_timeout: float) -> Repaired:
    """Make the history marts of all domains again from staging, or without `execute` tell what would change.

    Raises HistoryNotBuilt, HistoryDiffers, LoadLocked and the errors of the database.
    """
    configured = load_data_sources(settings.data_sources_config).domains
    domains = [_domain(name, settings) for name in configured]
    target = database_target(settings)
    return Repaired(target.label, histories.repair(domains, target, lock_timeout, execute=execute))


def _domain(name: str | None, settings: Settings) -> Domain:
    return load_domain(load_data_sources(settings.data_sources_config), name, settings.data_sources_config)
