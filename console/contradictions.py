"""Options that have no say beside one another, or where they stand: they are refused, so that nobody counts on them."""

from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from extract.wording import say
from orchestrate.urls import is_url


def refuse_options_before(context: click.Context) -> None:
    """An option before a subcommand would have no effect."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = name.replace("_", "-")
            raise click.UsageError(
                say(
                    "--{option} stands before {command}: put options behind it",
                    option=option,
                    command=context.invoked_subcommand,
                )
            )


def refuse_beside_staging(given: Mapping[str, Any]) -> None:
    """Options of `setup` that have no say where it only makes staging. Raises UsageError."""
    for name in ("quick", "dry_run", "reset", "warnings_as_errors"):
        if given["staging"] and given[name]:
            raise click.UsageError(
                say(
                    "--staging makes the tables of staging and nothing else: leave --{option} out",
                    option=name.replace("_", "-"),
                )
            )


def refuse_contradictions(given: Mapping[str, Any]) -> None:
    """Options of the main command that have no say beside one another. Raises UsageError."""
    for name in ("build", "reload", "reopen"):
        if given[name] and not given["execute"]:
            raise click.UsageError(say("--{option} needs --execute", option=name))
    if given["diff"] and given["execute"]:
        raise click.UsageError(say("--diff belongs to a plan: leave --execute out, then load the plan by `apply`"))
    if given["executor"] and given["workers"]:
        raise click.UsageError(say("--executor reads on its own workers, so --workers has no say"))
    if given["files"] and is_url(given["data_dir"]):
        raise click.UsageError(say("--file names workbooks of this machine, so a URL as --data-dir has no say"))
    if given["files"] and given["on_ambiguous"]:
        raise click.UsageError(say("--file names the workbooks, so --on-ambiguous has no say"))
