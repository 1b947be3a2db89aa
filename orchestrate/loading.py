"""The commands that plan and load: each calls the library and hands its results to the console.

Database modules are imported where they are needed, since a plan must not load any.
"""

import os
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from console import ledger as ledger_views
from console import terminal as console
from extract.config import DataSources, load_data_sources, load_passwords
from extract.domains.registry import Domain, load_domain
from extract.errors.base import DataError
from extract.files.discovery import Discovered, Wish, discover, named_files
from extract.modes import Mode
from extract.pipeline import extracting, gather
from extract.plan.landing import Extraction, Landing
from extract.plan.sealed import DIFF, check_workbooks, open_plan
from extract.plan.writing import add_diff, check_directory, default_directory, write_plan
from extract.settings import ROOT, Settings
from extract.steps import timed_step
from extract.table.reading import ReadOptions

if TYPE_CHECKING:
    from extract.database.connection import Target
    from extract.staging.diff import Diff


@dataclass(frozen=True)
class LoadOptions:
    """How anything is put into staging."""

    lock_timeout: float
    reload: bool
    build: bool
    quiet: bool


@dataclass(frozen=True)
class RunOptions:
    """The flags of the main command."""

    domain: str
    execute: bool
    diff: bool
    wish: Wish
    files: tuple[Path, ...]
    sheet: str | None
    mode: Mode
    plan_dir: Path | None
    workers: int
    load: LoadOptions


def plan_or_load(options: RunOptions, settings: Settings) -> None:
    """The main command: find the workbooks, read them, then write a plan or load."""
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, options.domain, settings.data_sources_config)
    domain.check_mode(options.mode, settings.data_sources_config)
    if options.plan_dir:
        check_directory(options.plan_dir)
    try:
        found = _find(options, settings, sources, domain)
    except DataError as error:  # a failed run writes its plan too
        with gather((), domain) as nothing:
            nothing.errors.append(error)
            _plan(nothing, options, settings)
        raise
    read_options = ReadOptions(
        sheet=options.sheet,
        passwords=load_passwords(sources, settings.data_sources_config),
        password=settings.workbook_password.get_secret_value() if settings.workbook_password else None,
        limits=sources.limits,
    )
    with _extract(found, domain, options, read_options) as extraction:
        if not options.load.quiet:
            console.show_extraction(extraction)
        if options.execute and not extraction.errors:
            _load_extraction(extraction, options, settings)
        else:
            _plan(extraction, options, settings)
        for failure in extraction.errors[:-1]:
            console.show_error(failure, debug=False)
        if extraction.errors:
            raise extraction.errors[-1]


def _find(options: RunOptions, settings: Settings, sources: DataSources, domain: Domain) -> Discovered:
    with timed_step("discovered", domain=domain.name) as fields:
        if options.files:
            found = named_files(options.files, settings.data_base_dir, domain.config)
        else:
            found = discover(settings.data_base_dir, domain.config, sources.discovery, options.wish)
        fields |= {"files": len(found.files), "passed_over": len(found.passed_over)}
    return found


def _extract(found: Discovered, domain: Domain, options: RunOptions, read_options: ReadOptions) -> Extraction:
    with (
        timed_step("extracted", domain=domain.name) as fields,
        extracting(found.files, domain, date.today(), read_options, options.workers) as outcomes,  # noqa: DTZ011  # the calendar of the user
    ):
        tracked = console.track(outcomes, len(found.files), "reading workbooks", options.load.quiet)
        extraction = gather(tracked, domain)
        extraction.passed_over = found.passed_over
        for name in ("rows_read", "rows_loaded", "rows_rejected", "skipped"):
            fields[name] = extraction.total(name)
    return extraction


def _plan(extraction: Extraction, options: RunOptions, settings: Settings) -> None:
    database = f"none was opened; a load would go into {_target_name(settings)}"
    diff = None
    if options.diff and not extraction.errors:
        from extract.database.targets import database_target

        target = database_target(settings)
        diff = _compare(extraction, options.mode, target)
        database = f"{target.label}, for reading only"
    directory = options.plan_dir or default_directory(ROOT)
    with timed_step("planned", directory=str(directory), mode=options.mode):
        plan = write_plan(extraction, options.mode, directory, diff)
    if options.load.quiet:
        return
    if diff:
        ledger_views.show_diff(diff, directory / DIFF)
    console.show_plan(plan, database, _repeated_arguments())


def _compare(landing: Landing, mode: Mode, target: "Target") -> "Diff":
    from extract.staging.diff import compare

    with timed_step("compared") as fields:
        diff = compare(landing, mode, target)
        fields |= {"new": diff.new, "changed": diff.changed, "unchanged": diff.unchanged, "absent": diff.absent}
    return diff


def _load_extraction(extraction: Extraction, options: RunOptions, settings: Settings) -> None:
    from extract.database.targets import database_target

    target = database_target(settings)
    rejects = _load(extraction, options.mode, target, settings, options.load)
    if options.plan_dir or rejects:
        directory = options.plan_dir or default_directory(ROOT)
        write_plan(extraction, options.mode, directory)
        if not options.load.quiet:
            console.show_plan_directory(directory, rejects)
    build_marts(target, settings, options.load)


def apply(
    directory: Path, settings: Settings, *, diff: bool, allow_changed_sources: bool, options: LoadOptions
) -> None:
    """Load exactly a plan that was reviewed; with `diff` compare it with the mart and load nothing."""
    from extract.database.targets import database_target

    sources = load_data_sources(settings.data_sources_config)
    plan, workbooks = open_plan(directory, sources, settings.data_sources_config)
    with plan.landing:
        if not allow_changed_sources:
            check_workbooks(workbooks, settings.data_base_dir)
        target = database_target(settings)
        if not diff:
            _load(plan.landing, plan.mode, target, settings, options)
            build_marts(target, settings, options)
            return
        compared = _compare(plan.landing, plan.mode, target)
        add_diff(compared, directory)
        if not options.quiet:
            console.show_database(f"{target.label}, for reading only")
            ledger_views.show_diff(compared, directory / DIFF)
            console.show_next_apply(directory)


def history(settings: Settings, *, limit: int, as_json: bool) -> None:
    """Show the last batches of the ledger with their workbooks."""
    from extract.database.connection import transaction
    from extract.database.targets import database_target
    from extract.staging.ledger import batches, files_of, has_ledger

    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        shown = batches(cursor, limit=limit) if has_ledger(cursor) else []
        files = files_of(cursor, [batch.batch_id for batch in shown]) if shown else []
    if as_json:
        ledger_views.show_history_json(shown, files)
        return
    console.show_database(target.label)
    ledger_views.show_history(shown, files)


def undo(batch_id: int, settings: Settings, options: LoadOptions) -> None:
    """Take a batch out again."""
    from extract.database.connection import transaction
    from extract.database.targets import database_target
    from extract.staging.ledger import find_batch
    from extract.staging.withdrawal import undo as undo_batch

    target = database_target(settings)
    with transaction(target) as connection, connection.cursor() as cursor:
        domain_name = find_batch(cursor, batch_id).domain
    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, domain_name, settings.data_sources_config)
    with timed_step("undone", batch=batch_id):
        done = undo_batch(domain, batch_id, target, options.lock_timeout)
    if not options.quiet:
        console.show_database(target.label)
        ledger_views.show_undo(done)
        console.show_next_build(True, None, options.build)
    build_marts(target, settings, options)


def prune(domain_name: str, settings: Settings, *, keep_batches: int, execute: bool, options: LoadOptions) -> None:
    """Remove versions from staging that no mart needs, or show what would be removed."""
    from extract.database.targets import database_target
    from extract.staging.retention import prune as prune_domain

    sources = load_data_sources(settings.data_sources_config)
    domain = load_domain(sources, domain_name, settings.data_sources_config)
    target = database_target(settings)
    done = prune_domain(domain, keep_batches, target, options.lock_timeout, execute=execute)
    if not options.quiet:
        console.show_database(target.label)
        ledger_views.show_prune(done)


def _load(landing: Landing, mode: Mode, target: "Target", settings: Settings, options: LoadOptions) -> int:
    """Load and show what was loaded; gives the number of rejected rows."""
    from extract.staging.loading import load
    from orchestrate.dbt.profile import password_variable, write_profile

    started = time.perf_counter()
    if not options.quiet:
        console.show_database(target.label)
    with timed_step("loaded", mode=mode) as fields:
        done = load(landing, mode, target, options.lock_timeout, reload=options.reload)
        fields |= {"batch_id": done.batch_id, "table": done.table, "rows": done.rows, "rejects": done.rejects}
    if not options.quiet:
        console.show_load(done, time.perf_counter() - started)
    uri = settings.database_uri
    profile_written = write_profile(target, ROOT, uri)
    if not options.quiet:
        variable = password_variable(target, uri)
        missing = variable if variable and variable not in os.environ else None
        console.show_next_build(profile_written, missing, options.build)
    return done.rejects


def build_marts(target: "Target", settings: Settings, options: LoadOptions) -> None:
    """`dbt build` in this process, where --build asks for it."""
    if not options.build:
        return
    from orchestrate.dbt.build import build

    uri = settings.database_uri
    outcome = build(target, ROOT, uri)
    if not options.quiet:
        console.show_build(outcome)


def _target_name(settings: Settings) -> str:
    """The database that a load would use, named without a database module and without the password."""
    database = settings.database
    if database is None:
        return "the embedded PostgreSQL in .wdh/postgres"
    if database.uri:
        return "the server of WDH_DATABASE__URI"
    return f"{database.user}@{database.host}:{database.port}/{database.db}"


def _repeated_arguments() -> list[str]:
    """The arguments of this run that a load of the same rows needs too."""
    arguments = iter(sys.argv[1:])
    kept = []
    for argument in arguments:
        if argument == "--plan-dir":
            next(arguments, None)
        elif not argument.startswith("--plan-dir=") and argument not in ("--plan-only", "--execute", "--diff"):
            kept.append(argument)
    return kept
