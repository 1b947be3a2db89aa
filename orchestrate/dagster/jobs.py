"""The old command line: `python -m orchestrate.dagster.jobs` runs the job `load` in this process.

It gives the exit codes of run.py. It plans only, unless --execute is given; then it loads exactly that plan, and dbt
builds. What a run says is in the log of Dagster, on stderr, and in the instance that `python run.py dagster` shows.
"""

import argparse
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from extract.config import load_data_sources
from extract.errors.base import ExitCode, WorkDataHubError
from extract.interruption import Terminated, raise_on_sigterm
from extract.settings import load_settings
from orchestrate.dagster.home import home


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; gives the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    debug = asked.debug or asked.raise_on_error
    raise_on_sigterm()
    try:
        return _run(asked)
    except WorkDataHubError as error:
        if debug:
            traceback.print_exception(error)
        parser.exit(error.exit_code, f"error: {error.message}\n  next: {error.next_step}\n")
    except KeyboardInterrupt as error:
        return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED


def _run(asked: argparse.Namespace) -> int:
    directory = home()
    import dagster as dg

    from orchestrate.dagster.configs import JobConfig
    from orchestrate.dagster.failures import exit_code
    from orchestrate.dagster.plan_and_load import load

    given: dict[str, Any] = {
        name: value for name in ("domain", "mode", "sheet", "max_files", "period") if (value := getattr(asked, name))
    }
    if "domain" not in given:
        given["domain"] = load_data_sources(load_settings().data_sources_config).only_domain
    config = given | {"plan_only": not asked.execute}
    JobConfig(**config)
    with dg.DagsterInstance.from_config(str(directory)) as instance:
        result = load.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        return int(ExitCode.OK) if result.success else exit_code(result.all_events)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchestrate.dagster.jobs", description=__doc__)
    parser.add_argument("--domain", help="a domain of the configuration [the only one that is configured]")
    parser.add_argument("--mode", choices=["delete_insert", "append", "replace_period"], default="delete_insert")
    parser.add_argument("--plan-only", action="store_true", help="deprecated: a plan is the default; --execute wins")
    parser.add_argument("--execute", action="store_true", help="load the plan, and let dbt build")
    parser.add_argument("--sheet", help="name or index (from 0) of the sheet [from the configuration]")
    parser.add_argument("--max-files", type=int, help="at most N of the workbooks, newest first [1]")
    parser.add_argument("--period", help="only workbooks of YYYYMM, or of YYYYMM:YYYYMM")
    parser.add_argument("--debug", action="store_true", help="show tracebacks of errors")
    parser.add_argument("--raise-on-error", action="store_true", help="show tracebacks of errors")
    return parser


if __name__ == "__main__":
    sys.exit(main())
