"""What dbt takes of this project beside its files: a plugin. dbt imports each module whose name begins with `dbt_`.

Python's garbage collector walks through all that dbt holds five times in a build and once more as it ends, a seventh of
the time of a build of the samples, and finds next to nothing (docs/performance.md). The command `dbt` does without.
"""

import sys
from pathlib import Path

from dbt.plugins.manager import dbtPlugin

from orchestrate.dbt.collector import leave_dbt_alone

PROJECT = "workdatahub"


class WithoutCollector(dbtPlugin):
    """Keeps the garbage collector off a process that is one command of dbt in this project, and off no other."""

    def initialize(self) -> None:
        """Called by dbt once it has read the project, before it makes or reads the manifest."""
        if self.project_name == PROJECT and Path(sys.argv[0]).stem == "dbt":
            leave_dbt_alone()


plugins = [WithoutCollector]
