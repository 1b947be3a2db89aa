"""The options that several commands have, and what every command starts with."""

import functools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from console.logs import configure_logging
from console.places import PLACE
from extract.files.versions import OnAmbiguous, PeriodRange, parse_period_range
from extract.guards import GUARDS
from extract.wording import LANGUAGES, again, say, use_language

if TYPE_CHECKING:
    from extract.settings import Settings

PATH = click.Path(path_type=Path)


Command = Callable[..., None]
T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """What every command starts with: the settings, and whether only errors are shown."""

    settings: "Settings"
    quiet: bool

    def show(self, view: Callable[[T], None], result: T) -> None:
        """Let a view show a result, where not only errors are wanted."""
        if not self.quiet:
            view(result)

    def reading(self, data_dir: Path | str | None) -> "Settings":
        """The settings, with the data directory that a user named; a URL is fetched later, into another one."""
        if not isinstance(data_dir, Path):
            return self.settings
        return self.settings.model_copy(update={"data_base_dir": data_dir.absolute()})


def common(command: Command) -> Command:
    """The options that every command has; the command gets a `session` for them."""

    @click.option("--config", type=PATH, help="The configuration.  [default: config/data_sources.yml]")
    @click.option(
        "--log-format",
        type=click.Choice(["console", "json"]),
        default="console",
        show_default=True,
        help="How the log on stderr looks; json logs every step.",
    )
    @click.option("-v", "--verbose", is_flag=True, help="Log every step.")
    @click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
    @click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        help="What people read is written in it.  [default: WDH_LANGUAGE, else that of the locale, else en]",
    )
    @click.option("--debug", is_flag=True, help="Log every step, and show tracebacks of errors.")
    @click.option("--raise-on-error", is_flag=True, help="Show tracebacks of errors.")
    @functools.wraps(command)
    def start(
        *arguments: object,
        config: Path | None,
        log_format: str,
        verbose: bool,
        quiet: bool,
        language: str | None,
        debug: bool,
        raise_on_error: bool,  # noqa: ARG001  # read by `run`, which shows the error
        **options: object,
    ) -> None:
        from extract.settings import load_settings

        configure_logging(log_format, quiet=quiet, verbose=verbose or debug)
        settings = load_settings()
        if click.get_current_context().invoked_subcommand is None:  # what comes behind still names the language
            use_language(language or settings.reading_language, by_option=language is not None)
        if settings.language:  # also where .env holds it: dbt describes the marts in it
            os.environ["WDH_LANGUAGE"] = settings.language
        if config:
            settings = settings.model_copy(update={"data_sources_config": config})
        command(*arguments, session=Session(settings, quiet), **options)

    return start


domain = click.option("--domain", help="A domain of the configuration.  [default: the only one there]")
data_dir = click.option("--data-dir", type=PATH, help="Where workbooks are looked for.  [default: data]")
data_place = click.option("--data-dir", type=PLACE, help="Where workbooks are looked for; a URL too.  [default: data]")
lock_timeout = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Seconds to wait for another run to end.",
)
build = click.option("--build", is_flag=True, help="Run `dbt build` afterwards, in this process.")
reopen = click.option("--reopen", metavar="REASON", help="Change months that are closed, for this reason.")
reload = click.option("--reload", is_flag=True, help="Load workbooks also where their content is loaded already.")


def period_range(_context: click.Context, _option: click.Parameter, value: str | None) -> PeriodRange | None:
    """The months of --period."""
    try:
        return parse_period_range(value) if value else None
    except ValueError as error:
        raise click.BadParameter(again(error.args[0])) from None


def month(_context: click.Context, _parameter: click.Parameter, value: str) -> date:
    """A month as YYYY-MM or YYYYMM, as its first day."""
    found = re.fullmatch(r"(20[0-9]{2})-?(0[1-9]|1[0-2])", value)
    if not found:
        raise click.BadParameter(say("{value} is no month such as 2024-11", value=repr(value)))
    return date(int(found[1]), int(found[2]), 1)


def one_month(_context: click.Context, _argument: click.Parameter, value: str) -> PeriodRange:
    """The month of an argument."""
    try:
        found = parse_period_range(value)
    except ValueError as error:
        raise click.BadParameter(again(error.args[0])) from None
    if found.first != found.last:
        raise click.BadParameter(say("{value} is more than one month", value=value))
    return found


def main(command: Command) -> Command:
    """The options of a plan and a load."""
    return _all(
        command,
        (
            domain,
            click.option(
                "--execute", is_flag=True, help="Load into staging. Without it, nothing is written but the plan."
            ),
            click.option(
                "--diff", is_flag=True, help="Compare the plan with the mart; opens the database for reading."
            ),
            click.option(
                "--plan-only", is_flag=True, help="Deprecated: a plan is the default. --execute wins over it."
            ),
            click.option(
                "--max-files",
                type=click.IntRange(min=1),
                help="At most N of the discovered files, newest first.  [default: 1]",
            ),
            click.option(
                "--period",
                callback=period_range,
                help="Only files of the month 2024-11, or of the months 2024-01:2024-12.",
            ),
            click.option(
                "--on-ambiguous",
                type=click.Choice([choice.value for choice in OnAmbiguous]),
                help="Which of several files of one period to take where nothing tells them apart.",
            ),
            click.option("--file", "files", multiple=True, type=PATH, help="A workbook, wherever it is; repeatable."),
            data_place,
            click.option("--sheet", help="Name or index (from 0) of the sheet.  [default: from the configuration]"),
            click.option(
                "--mode",
                type=click.Choice(["delete_insert", "append", "replace_period"]),
                default="delete_insert",
                show_default=True,
                help="delete_insert replaces the figures of keys that exist, append refuses such keys; replace_period "
                "replaces them and withdraws those that the workbooks no longer have.",
            ),
            click.option(
                "--plan-dir", type=PLACE, help="A new or empty directory, or a URL.  [default: plans/<UTC time>]"
            ),
            build,
            lock_timeout,
            reload,
            reopen,
            click.option(
                "--accept",
                "accepted",
                multiple=True,
                type=click.Choice(sorted(GUARDS)),
                help="Let a guard pass; repeatable. "
                + "; ".join(f"{code}: {what}" for code, what in GUARDS.items())
                + ".",
            ),
            click.option(
                "--workers", type=click.IntRange(min=1), help="Processes that read workbooks.  [default: one per core]"
            ),
            click.option(
                "--executor",
                metavar="dask://HOST:PORT",
                help="Read workbooks on the workers of a Dask cluster (extra [dask]).",
            ),
        ),
    )


def plan_id(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:  # noqa: ARG001
    """Check what names a plan."""
    if value is not None and not re.fullmatch("[0-9a-f]{64}", value):
        raise click.BadParameter(
            say("an id has 64 digits from 0 to 9 and a to f; see `Plan id` where the plan was shown")
        )
    return value


def reset(command: Command) -> Command:
    """The options of `reset`."""
    return _all(
        command,
        (
            click.option("--yes", is_flag=True, help="Remove it. Without it, it is only shown."),
            click.option(
                "--cascade", is_flag=True, help="Also drop views and foreign keys of others that depend on it."
            ),
            click.option("--include-staging", is_flag=True, help="Also the loaded rows and the ledger."),
            click.option("--allow-protected", is_flag=True, help="Also for a protected target."),
        ),
    )


def setup(command: Command) -> Command:
    """The options of `setup`."""
    return _all(
        command,
        (
            click.option("--quick", is_flag=True, help="Only the seeds and the foundation; validation is partial."),
            click.option("--staging", is_flag=True, help="Only make the tables of staging, or bring them up to date."),
            click.option("--dry-run", is_flag=True, help="List what would run, and touch nothing."),
            click.option("--reset", is_flag=True, help="First remove what the project built before; staging stays."),
            click.option(
                "--cascade", is_flag=True, help="Also drop views and foreign keys of others that depend on it."
            ),
            click.option("--allow-protected", is_flag=True, help="With --reset: also for a protected target."),
            click.option("--warnings-as-errors", is_flag=True, help="End with exit code 1 where there are warnings."),
            click.option(
                "--lock-timeout",
                type=click.FloatRange(min=0.1),
                help="Seconds to wait for a table that another session holds.  "
                "[default: WDH_DATABASE__LOCK_TIMEOUT, 10]",
            ),
        ),
    )


def _all(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    """A command with options, which its help shows in this order."""
    for option in reversed(options):
        command = option(command)
    return command
