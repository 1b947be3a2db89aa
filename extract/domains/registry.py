"""A domain as the extract works with it: its configuration and its model, checked against each other."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from extract.commands import shown_path
from extract.config import DataSources, DomainConfig
from extract.domains.base import CellField, ColumnSpec, DomainModel
from extract.domains.models import load_model, model_names
from extract.errors.configuration import ConfigInvalid
from extract.fields.base import Words, compared
from extract.fields.numbers import CONFIGURED_SHARES, Share
from extract.modes import Mode
from extract.settings import CONFIGURATION
from extract.wording import Sentence


@dataclass(frozen=True)
class Domain:
    """Name, configuration and model of one domain. `config.units` is resolved to powers of ten in `units`.

    `path` is that of the configuration, beside which its model may lie; `alone` tells that no other domain is in it.
    """

    name: str
    config: DomainConfig
    units: tuple[tuple[str, int], ...]
    path: Path = CONFIGURATION
    alone: bool = True

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: not the model, whose module it may not have yet."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        """More headers for the inputs of the model, from the configuration."""
        return self.config.aliases

    @property
    def options(self) -> list[str]:
        """The options by which a command finds this domain; none where they are the defaults."""
        elsewhere = self.path.resolve() != CONFIGURATION
        config = ["--config", shown_path(self.path)] if elsewhere else []
        return config if self.alone else [*config, "--domain", self.name]

    def check_mode(self, mode: Mode, path: Path) -> None:
        """Raise ConfigInvalid where the configuration in `path` lacks what a mode needs."""
        if mode == "replace_period" and not self.config.replace_scope:
            problem = Sentence("is missing: --mode replace_period replaces whole what it names, such as [report_date]")
            raise ConfigInvalid(path=str(path), key=f"domains.{self.name}.replace_scope", problem=problem)

    @cached_property
    def words(self) -> Words:
        """The words of its publisher: months, marks, and the measures beside which a reason is kept."""
        config = self.config
        marks: dict[str, str | None] = {compared(text): None for text in config.nulls}
        marks |= {compared(text): reason for text, reason in config.marks.items()}
        months = {compared(word): number for word, number in config.month_words.items()}
        return Words(months, marks, frozenset(field.type.reads for field in self.cell_fields if field.type.reads))

    @cached_property
    def model(self) -> type[DomainModel]:
        """The Pydantic model; looked up by name, so that a Domain can be sent to another process."""
        return load_model(self.name, self.path.parent)

    @cached_property
    def rules_version(self) -> str:
        """What decides how a workbook is read: the number of the model's rules and a hash of the configuration.

        The same on every machine. Two readings of the same bytes under the same rules version give the same rows.
        """
        decisive = self.config.model_dump(mode="json", include=set(_DECISIVE))
        for key in _SILENT_BY_DEFAULT:  # what was loaded before there were such keys stays what it was
            if getattr(self.config, key) == DomainConfig.model_fields[key].default:
                del decisive[key]
        columns = [(column.name, column.sql_type, column.nullable) for column in self.columns]
        declared = (
            [repr((self.model.layout, [field.places for field in self.cell_fields]))] if self.model.layout else []
        )
        content = json.dumps([self.name, decisive, columns, *declared], ensure_ascii=False, sort_keys=True)
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
    "summary_labels", "month_of_span", "month_words", "marks", "nulls",
)  # fmt: skip
"""The keys of the configuration that decide what the rows of a workbook become."""
_SILENT_BY_DEFAULT = ("month_of_span", "month_words", "marks", "nulls")


def load_domain(sources: DataSources, name: str | None, path: Path) -> Domain:
    """The domain `name`, or where it is None the only one that is configured in `path`.

    Raises UnknownDomain, DomainNotChosen, or ConfigInvalid where configuration and model disagree.
    """
    name = name or sources.only_domain
    config = sources.domain(name)

    def invalid(key: str, problem: str) -> ConfigInvalid:
        return ConfigInvalid(path=str(path), key=f"domains.{name}{key}", problem=problem)

    try:
        model = load_model(name, path.parent)
    except LookupError as error:
        raise invalid(
            "",
            Sentence(
                "{problem}; models exist for {names}", problem=error.args[0], names=", ".join(model_names(path.parent))
            ),
        ) from None
    if problem := model.layout_problem():
        raise invalid("", Sentence("the layout of its model: {problem}", problem=problem))
    types = {field.name: field.type for field in model.cell_fields()}
    for field, kind in types.items():
        if kind.reads and (kind.reads not in types or field != f"{kind.reads}_mark" or kind.reads in config.pk):
            raise invalid(
                "",
                Sentence(
                    "{field} of the model keeps marks: it must be <measure>_mark and read that measure", field=field
                ),
            )
    if unknown := [column for column in config.pk if column not in types]:
        raise invalid(".pk", _no_field(unknown[0], types))
    inputs = [source.name for name, kind in types.items() for source in kind.inputs(name)]
    if unknown := [alias for alias in config.aliases if alias not in inputs]:
        columns = ", ".join(inputs)
        problem = Sentence(
            "{name} is no column of the model; its columns are {columns}", name=unknown[0], columns=columns
        )
        raise invalid(".aliases", problem)
    if unknown := [column for column in config.replace_scope if column not in config.pk]:
        raise invalid(".replace_scope", _no_part_of_key(unknown[0], config.pk))
    if config.distribute_by is not None and config.distribute_by not in config.pk:
        raise invalid(".distribute_by", _no_part_of_key(config.distribute_by, config.pk))
    if unknown := [field for field in config.qualifiers if field not in types]:
        raise invalid(".qualifiers", _no_field(unknown[0], types))
    units = {}
    for field, unit in config.units.items():
        if field not in types:
            raise invalid(".units", _no_field(field, types))
        accepted = dict(types[field].unit_powers)
        if isinstance(types[field], Share):
            accepted.update(CONFIGURED_SHARES)
        if unit not in accepted:
            valid = ", ".join(accepted) or Sentence("none")
            raise invalid(
                f".units.{field}", Sentence("{unit} is no unit of it; valid are {valid}", unit=unit, valid=valid)
            )
        units[field] = accepted[unit]
    return Domain(name, config, tuple(units.items()), path, len(sources.domains) == 1)


def _no_field(name: str, fields: Iterable[str]) -> Sentence:
    return Sentence("{name} is no field of the model; its fields are {fields}", name=name, fields=", ".join(fields))


def _no_part_of_key(name: str, key: Iterable[str]) -> Sentence:
    return Sentence("{name} is no part of pk, which is {key}", name=name, key=", ".join(key))
