"""The `notify` entry of the configuration: who is told of what, by which service (docs/configuration.md)."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Occasion(StrEnum):
    """What somebody may be told of."""

    LOAD = "load"
    BUILD = "build"
    WARNING = "warning"
    FAILURE = "failure"
    MISSING = "missing"


class Receiver(BaseModel):
    """A service by its Apprise URL, in which ${NAME} stands for a variable of the environment; and what it is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, Field(pattern=r"^[a-z0-9]+://")]
    about: tuple[Occasion, ...] = tuple(Occasion)


class Notify(BaseModel):
    """The whole entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: Annotated[tuple[Receiver, ...], Field(min_length=1)]
