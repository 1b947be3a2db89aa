"""The limits of what is read from a workbook, as the configuration names them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MEGABYTE = 2**20
LONGEST_NAME, LONGEST_NAME_IN_ODS = 31, 255
"""Characters of the name of a sheet: Excel takes so many, LibreOffice more."""
Positive = Annotated[int, Field(gt=0)]


class Limits(BaseModel):
    """The `limits` entry of the configuration; docs/configuration.md describes the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_mb: Positive = 200
    unpacked_mb: Positive = 2048
    ratio: Positive = 200
    ratio_from_mb: Positive = 50
    parts: Positive = 10_000
    cells: Positive = 50_000_000
    memory_mb: Positive = 4096
    total_memory_mb: Positive = 8192
    result_mb: Positive = 1024
    seconds: Positive = 600
