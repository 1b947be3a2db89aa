"""Where the model of a domain is found: beside the configuration, or in this package."""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path
from types import ModuleType

import extract.domains
from extract.domains.base import DomainModel
from extract.wording import Sentence

_NO_DOMAINS = ("base", "models", "registry")


def model_names(folder: Path) -> list[str]:
    """Names of the domains that have a model: the modules in `folder`, and those of this package beside its own."""
    ours = [module.name for module in pkgutil.iter_modules(extract.domains.__path__) if module.name not in _NO_DOMAINS]
    return sorted({*ours, *(path.stem for path in folder.glob("*.py") if not path.stem.startswith("test_"))})


def load_model(name: str, folder: Path) -> type[DomainModel]:
    """The model of a domain: the one `DomainModel` subclass that its module defines.

    The module is `folder`/<name>.py, `folder` being that of the configuration, or else that of this package. Raises
    LookupError where there is no such module, where it cannot be imported, or does not define exactly one model.
    """
    beside = folder / f"{name}.py"
    if beside.is_file():
        module, place = _imported(name, beside.resolve()), str(beside)
    elif name in model_names(folder):
        module, place = importlib.import_module(f"extract.domains.{name}"), f"extract/domains/{name}.py"
    else:
        raise LookupError(
            Sentence("there is no module {name}.py beside the configuration or in extract/domains", name=name)
        )
    models = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, DomainModel) and value.__module__ == module.__name__
    ]
    if len(models) != 1:
        raise LookupError(
            Sentence("{place} must define one DomainModel, not {count}", place=str(place), count=str(len(models)))
        )
    return models[0]


def _imported(name: str, path: Path) -> ModuleType:
    """A module that lies in no package; each file is imported once."""
    unique = f"domain_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}_{name}"
    if unique in sys.modules:
        return sys.modules[unique]
    spec = importlib.util.spec_from_file_location(unique, path)
    assert spec  # a path that ends with .py has both
    assert spec.loader
    module = sys.modules[unique] = importlib.util.module_from_spec(spec)  # Pydantic looks there for names in hints
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the author of the module wrote
        del sys.modules[unique]
        raise LookupError(
            Sentence("{path} cannot be imported: {problem}", path=str(path), problem=f"{type(error).__name__}: {error}")
        ) from error
    return module
