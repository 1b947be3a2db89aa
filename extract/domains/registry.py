"""A domain as the extract works with it: its configuration and its model, checked against each other."""

import hashlib
import importlib
import json
import pkgutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import extract.domains
from extract.config import DataSources, DomainConfig
from extract.domains.base import CellField, ColumnSpec, DomainModel
from extract.errors.configuration import ConfigInvalid
from extract.fields.numbers import CONFIGURED_SHARES, Share
from extract.modes import Mode


@dataclass(frozen=True)
class Domain:
    """Name, configuration and model of one domain. `config.units` is resolved to powers of ten in `units`."""

    name: str
    config: DomainConfig
    units: tuple[tuple[str, int], ...]

    @property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """More headers for the inputs of the model, from the configuration."""
        return self.config.aliases

    def check_mode(self, mode: Mode, path: Path) -> None:
        """Raise ConfigInvalid where the configuration in `path` lacks what a mode needs."""
        if mode == "replace_period" and not self.config.replace_scope:
            problem = "is missing: --mode replace_period replaces whole what it names, such as [report_date]"
            raise ConfigInvalid(path=str(path), key=f"domains.{self.name}.replace_scope", problem=problem)

    @cached_property
    def model(self) -> type[DomainModel]:
        """The Pydantic model; looked up by name, so that a Domain can be sent to another process."""
        return load_model(self.name)

    @cached_property
    def rules_version(self) -> str:
        """What decides how a workbook is read: the number of the model's rules and a hash of the configuration.

        The same on every machine. Two readings of the same bytes under the same rules version give the same rows.
        """
        decisive = self.config.model_dump(mode="json", include=set(_DECISIVE))
        columns = [(column.name, column.sql_type, column.nullable) for column in self.columns]
        content = json.dumps([self.name, decisive, columns], ensure_ascii=False, sort_keys=True)
        return f"{self.model.rules}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"

    @cached_property
    def measures(self) -> tuple[str, ...]:
        """Names of the fields that cells fill and that are no part of the key."""
        return tuple(field.name for field in self.cell_fields if field.name not in self.config.pk)

    @cached_property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """Columns of the CSV and of the staging table."""
        return self.model.columns()

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """Names of `columns`."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def cell_fields(self) -> tuple[CellField, ...]:
        """Fields that cells fill."""
        return self.model.cell_fields()


_DECISIVE = (
    "sheet", "sheets", "table", "pk", "aliases", "units", "require_units", "qualifiers", "decimal", "periods_per_file",
    "summary_labels",
)  # fmt: skip
"""The keys of the configuration that decide what the rows of a workbook become."""


def load_domain(sources: DataSources, name: str, path: Path) -> Domain:
    """The domain `name`. Raises UnknownDomain, or ConfigInvalid where configuration and model disagree."""
    config = sources.domain(name)

    def invalid(key: str, problem: str) -> ConfigInvalid:
        return ConfigInvalid(path=str(path), key=f"domains.{name}{key}", problem=problem)

    try:
        model = load_model(name)
    except LookupError as error:
        raise invalid("", f"{error}; models exist for {', '.join(model_names())}") from None
    fields = {field.name: field.type for field in model.cell_fields()}
    if unknown := [column for column in config.pk if column not in fields]:
        raise invalid(".pk", f"{unknown[0]} is no field of the model; its fields are {', '.join(fields)}")
    inputs = [source.name for name, kind in fields.items() for source in kind.inputs(name)]
    if unknown := [alias for alias in config.aliases if alias not in inputs]:
        raise invalid(".aliases", f"{unknown[0]} is no column of the model; its columns are {', '.join(inputs)}")
    if unknown := [column for column in config.replace_scope if column not in config.pk]:
        raise invalid(".replace_scope", f"{unknown[0]} is no part of pk, which is {', '.join(config.pk)}")
    if unknown := [field for field in config.qualifiers if field not in fields]:
        raise invalid(".qualifiers", f"{unknown[0]} is no field of the model; its fields are {', '.join(fields)}")
    units = {}
    for field, unit in config.units.items():
        if field not in fields:
            raise invalid(".units", f"{field} is no field of the model; its fields are {', '.join(fields)}")
        accepted = dict(fields[field].unit_powers)
        if isinstance(fields[field], Share):
            accepted.update(CONFIGURED_SHARES)
        if unit not in accepted:
            raise invalid(f".units.{field}", f"{unit} is no unit of it; valid are {', '.join(accepted) or 'none'}")
        units[field] = accepted[unit]
    return Domain(name, config, tuple(units.items()))


_NO_DOMAINS = ("base", "registry")


def model_names() -> list[str]:
    """Names of the domains that have a model: the modules of this package but `base` and this one."""
    return sorted(
        module.name for module in pkgutil.iter_modules(extract.domains.__path__) if module.name not in _NO_DOMAINS
    )


def load_model(name: str) -> type[DomainModel]:
    """The model of a domain: the one `DomainModel` subclass that its module defines.

    Raises LookupError where there is no such module or it does not define exactly one model.
    """
    if name not in model_names():
        raise LookupError(f"there is no module extract/domains/{name}.py")
    module = importlib.import_module(f"extract.domains.{name}")
    models = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, DomainModel) and value.__module__ == module.__name__
    ]
    if len(models) != 1:
        raise LookupError(f"extract/domains/{name}.py must define one DomainModel, not {len(models)}")
    return models[0]
