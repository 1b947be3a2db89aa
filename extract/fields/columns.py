"""A column of a chunk as Pydantic validates it: in one call where its field has a quick way, cell by cell otherwise.

The careful way, `CellType.read`, is the definition: a quick way settles the cells that it is sure of, and leaves the
others to it.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from extract.fields.base import CellType, ReadInfo

Reader: TypeAlias = Callable[[Any, ReadInfo], Any]


@dataclass(frozen=True)
class ColumnRead:
    """What the cells of a column are: their values, and the errors of those that break a rule, by position."""

    values: list[Any]
    broken: dict[int, PydanticCustomError] = field(default_factory=dict)

    def read_each(self, read: Reader, cells: Sequence[Any], positions: Iterable[int], info: ReadInfo) -> None:
        """Fill in the cells at some positions by the careful way."""
        for position in positions:
            try:
                self.values[position] = read(cells[position], info)
            except PydanticCustomError as error:
                self.broken[position] = error


class QuickType(CellType):
    """Base of the field types that read a whole column at once."""

    @abstractmethod
    def read_column(self, cells: Sequence[Any], info: ReadInfo) -> ColumnRead:
        """What `read` gives for each of the cells, and the same of the tally of the context."""


class ByColumn:
    """Marks a list of a model as a column, so that a field with a quick way reads it at once."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        (element,) = get_args(source)
        kind = next((item for item in get_args(element)[1:] if isinstance(item, QuickType)), None)
        if kind is None:
            return schema

        def read(cells: Sequence[Any], info: ReadInfo) -> list[Any]:
            found = kind.read_column(cells, info)
            if found.broken:
                lines = [InitErrorDetails(type=error, loc=(position,), input=cells[position])
                         for position, error in sorted(found.broken.items())]  # fmt: skip
                raise ValidationError.from_exception_data("column", lines)
            return found.values

        return core_schema.with_info_plain_validator_function(read)
