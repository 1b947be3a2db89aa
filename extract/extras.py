"""What only some users install: an extra of pyproject.toml, asked for by name where something needs it."""

from importlib.util import find_spec

from extract.errors.configuration import ExtraMissing


def demand(extra: str, module: str, what: str) -> None:
    """Raise ExtraMissing where a module of an extra is not installed; `what` is it that needs it."""
    if find_spec(module) is None:
        raise ExtraMissing(what=what, extra=extra)
