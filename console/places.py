"""A place that an option names: a path of this machine, or the URL of a store."""

from pathlib import Path
from typing import Any

import click

from orchestrate.urls import is_url


class Place(click.Path):
    """A path, or the URL of a store, which stays a text."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A URL as it is, anything else as a Path."""
        return value if is_url(value) else super().convert(value, param, ctx)


PLACE = Place(path_type=Path)
