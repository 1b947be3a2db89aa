"""What steps need of the world: the data directory and the database, from the settings of run.py.

No password is configuration of Dagster, which would show it: both resources read the environment and .env where a step
runs, as every command does.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from pydantic import Field

from extract.database.connection import BUILD_KEY, Target
from extract.database.targets import database_target
from extract.settings import ROOT, Settings, load_settings
from orchestrate.dbt.locks import held_locks
from orchestrate.dbt.profile import prepare_profile
from orchestrate.options import LoadOptions


class Workbooks(dg.ConfigurableResource[Any]):
    """Where workbooks are looked for, and how many processes read them."""

    data_dir: str | None = Field(default=None, description="The data directory; None: that of the settings.")
    workers: int | None = Field(default=None, description="Processes that read workbooks; None: one per core.")

    def settings(self) -> Settings:
        """The settings of run.py, with the data directory of this resource."""
        settings = load_settings()
        return settings.model_copy(update={"data_base_dir": ROOT / self.data_dir}) if self.data_dir else settings

    @property
    def processes(self) -> int:
        """How many workbooks are read at once."""
        return self.workers or os.cpu_count() or 1


class Warehouse(dg.ConfigurableResource[Any]):
    """The database of the settings; `lock_timeout` seconds are waited for another load or build to end."""

    lock_timeout: float = Field(default=600, description="Seconds to wait for another load or build to end.")

    @property
    def options(self) -> LoadOptions:
        """How a step loads."""
        return LoadOptions(self.lock_timeout, reload=False)

    def target(self) -> Target:
        """The database; the embedded one is started where it rests. Raises the errors of the settings."""
        return database_target(load_settings())

    def dbt(self) -> DbtCliResource:
        """dbt for this database, once no other command builds.

        Raises BuildLocked, DiskFailed and the errors of the database.
        """
        target = self.target()
        prepare_profile(load_settings(), target, ROOT)
        with held_locks(target, "build", (BUILD_KEY,), self.lock_timeout):
            pass  # dbt in its own process refuses to build beside a holder of this lock, so it is given back first
        return DbtCliResource(
            project_dir=str(ROOT), profiles_dir=str(ROOT), dbt_executable=str(Path(sys.executable).with_name("dbt"))
        )


class JsonValues(dg.UPathIOManager):
    """Keeps what one step hands to the next as JSON, which a value that is no JSON refuses."""

    extension = ".json"

    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: Any) -> None:  # noqa: ARG002
        """Write a value."""
        path.write_text(json.dumps(obj, ensure_ascii=False, indent=1), encoding="utf-8")

    def load_from_path(self, context: dg.InputContext, path: Any) -> Any:  # noqa: ARG002
        """Read a value."""
        return json.loads(path.read_text(encoding="utf-8"))


@dg.io_manager
def json_values(context: dg.InitResourceContext) -> JsonValues:
    """Values below the storage of the instance."""
    from upath import UPath

    assert context.instance is not None
    return JsonValues(base_path=UPath(context.instance.storage_directory()))


RESOURCES = {"workbooks": Workbooks(), "warehouse": Warehouse(), "values": json_values}
"""What jobs and assets are given, by name."""
