"""The domains: one Pydantic model per kind of workbook, found by the name of its module.

A model is added by adding a module; nothing here lists them (docs/adding-a-domain.md).
"""

import importlib
import pkgutil

from extract.domains.base import DomainModel


def model_names() -> list[str]:
    """Names of the domains that have a model: the modules of this package, without `base`."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


def load_model(name: str) -> type[DomainModel]:
    """The model of a domain: the one `DomainModel` subclass that its module defines.

    Raises LookupError where there is no such module or it does not define exactly one model.
    """
    if name not in model_names():
        raise LookupError(f"there is no module extract/domains/{name}.py")
    module = importlib.import_module(f"{__name__}.{name}")
    models = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, DomainModel) and value.__module__ == module.__name__
    ]
    if len(models) != 1:
        raise LookupError(f"extract/domains/{name}.py must define one DomainModel, not {len(models)}")
    return models[0]
