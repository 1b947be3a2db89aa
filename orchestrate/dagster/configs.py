"""The run configuration, typed: what a user may say of a plan, a load, and of a job that does both."""

from enum import Enum

import dagster as dg
from pydantic import Field, field_validator

from extract.config import load_data_sources
from extract.files.versions import PeriodRange, parse_period_range
from extract.modes import Mode
from extract.settings import load_settings


class LoadMode(Enum):
    """What a load does with keys that exist. Dagster shows the names, which are the words of --mode."""

    delete_insert = "delete_insert"
    append = "append"
    replace_period = "replace_period"

    @property
    def mode(self) -> Mode:
        """The word that the extract knows."""
        return self.value


class PlanConfig(dg.Config):
    """How the workbooks of a month are read."""

    mode: LoadMode = Field(default=LoadMode.delete_insert, description="What a load does with keys that exist.")
    sheet: str | None = Field(default=None, description="Name or index (from 0) of the sheet; None: as configured.")
    max_files: int | None = Field(default=None, description="At most so many workbooks, newest first.")

    @field_validator("max_files")
    @classmethod
    def _at_least_one(cls, value: int | None) -> int | None:
        if value is not None and value < 1:
            raise ValueError("max_files counts from 1")
        return value


class LoadConfig(dg.Config):
    """Whether a step that writes to the database does so."""

    plan_only: bool = Field(default=True, description="Load nothing: the plan is all that is made.")


class JobConfig(PlanConfig, LoadConfig):
    """What the jobs `plan` and `load` are asked. `domain` is a key of the configuration; there is no other list."""

    domain: str = Field(description="A domain of the configuration.")
    period: str | None = Field(default=None, description="Only workbooks of YYYYMM, or of YYYYMM:YYYYMM.")

    @field_validator("domain")
    @classmethod
    def _is_configured(cls, value: str) -> str:
        """The name itself. Raises UnknownDomain with the names that are configured."""
        load_data_sources(load_settings().data_sources_config).domain(value)
        return value

    @field_validator("period")
    @classmethod
    def _is_a_period(cls, value: str | None) -> str | None:
        if value is not None:
            parse_period_range(value)
        return value

    @property
    def periods(self) -> PeriodRange | None:
        """The months of `period`."""
        return parse_period_range(self.period) if self.period else None
