"""A domain as the extract works with it: its configuration and its model, checked against each other."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from extract.config import DataSources, DomainConfig
from extract.domains import load_model, model_names
from extract.domains.base import CellField, ColumnSpec, DomainModel
from extract.errors import ConfigInvalid
from extract.numbers import CONFIGURED_SHARES, Share


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

    @cached_property
    def model(self) -> type[DomainModel]:
        """The Pydantic model; looked up by name, so that a Domain can be sent to another process."""
        return load_model(self.name)

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
