"""What every domain model shares: a chunk of rows held as columns, and the list of its columns.

A domain model describes a *chunk*: each field is one column, and the values at one index of all columns are one
row. Pydantic so runs the loop over the cells itself, and a chunk without a broken rule costs a single call
(docs/decisions.md has the measurements). The model is the only place that lists columns: the CSV header, the
staging table and the test against the dbt sources are all made from `columns()`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, PrivateAttr

from extract.fields.base import CellType, FileContext
from extract.fields.columns import ByColumn
from extract.fields.places import FromHeader, Layout, Place, RequiredColumn, problem_of

T = TypeVar("T")
Column: TypeAlias = Annotated[list[T], ByColumn()]


@dataclass(frozen=True)
class Stored:
    """How a column that no cell fills (derived, or provenance) is stored: its SQL type; never null."""

    sql_type: str
    nullable: bool = False


@dataclass(frozen=True)
class ColumnSpec:
    """One column of the CSV and of the staging table."""

    name: str
    sql_type: str
    nullable: bool


@dataclass(frozen=True)
class CellField:
    """A field that cells fill: its name, the type that reads them, and the declared places (a column of its name)."""

    name: str
    type: CellType
    places: tuple[Place, ...] = ()
    required_column: bool = False

    @property
    def spread(self) -> bool:
        """Whether its values stand in the header over the figures, so that one row gives several records."""
        return any(isinstance(place, FromHeader) and place.over is None for place in self.places)


class DomainModel(BaseModel):
    """Base of the domain models. Subclasses add cell fields and derived columns (computed fields).

    `label_field` names the field whose cell may hold a summary label such as 合计 (rules.md, Rows). `rules` numbers the
    rules: raise it with every change that reads the same cells to other rows, and loaded workbooks may be loaded again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    label_field: ClassVar[str]
    remarked_fields: ClassVar[Mapping[str, str]] = {}
    """The codes of warnings that are kept with rows, each with the field whose cell it is about."""
    rules: ClassVar[int]
    layout: ClassVar[Layout | None] = None
    """How the published tables of the domain lie in their sheets; None for rows below a header of one or two rows."""

    data_source: Column[Annotated[str, Stored("text")]]
    source_sheet: Column[Annotated[str, Stored("text")]]
    source_row: Column[Annotated[int, Stored("integer")]]

    _today: date = PrivateAttr()

    def model_post_init(self, context: FileContext, /) -> None:
        """Keep the day of the run, against which derived columns may measure."""
        self._today = context.today

    @classmethod
    def cell_fields(cls) -> tuple[CellField, ...]:
        """The fields that cells of a workbook fill, in the order of the model."""
        fields = []
        for name, field in cls.model_fields.items():
            stored = _storage(field.annotation)
            if isinstance(stored, CellType):
                (element,) = get_args(field.annotation)
                declared = get_args(element)[1:]
                places = tuple(item for item in declared if isinstance(item, Place))
                required = any(isinstance(item, RequiredColumn) for item in declared)
                fields.append(CellField(name, stored, places, required))
        return tuple(fields)

    @classmethod
    def columns(cls) -> tuple[ColumnSpec, ...]:
        """All columns in the order of the CSV: cell fields, derived columns, provenance."""
        cells = [(field.name, field.type) for field in cls.cell_fields()]
        derived = [(name, _storage(item.return_type)) for name, item in cls.model_computed_fields.items()]
        provenance = [
            (name, _storage(cls.model_fields[name].annotation)) for name in _PROVENANCE if name in cls.model_fields
        ]
        return tuple(
            ColumnSpec(name, stored.sql_type, stored.nullable) for name, stored in (*cells, *derived, *provenance)
        )

    @classmethod
    def layout_problem(cls) -> str | None:
        """What is wrong with the declared layout and places; None where nothing is."""
        places = {field.name: field.places for field in cls.cell_fields() if not field.type.reads}
        if cls.layout is None:
            return next((f"{name} has places, but the model has no layout" for name in places if places[name]), None)
        return problem_of(cls.layout, places, cls.label_field, names_columns=issubclass(cls, SpreadModel))

    def remarked_rows(self) -> Iterator[tuple[int, str]]:
        """The rows of the chunk that bear a warning, each with its code; none unless the model keeps warnings."""
        yield from ()

    def rows(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The chunk row by row: the values of the named columns."""
        return zip(*(getattr(self, name) for name in names), strict=True)


class SpreadModel(DomainModel):
    """Base of the models whose sheets give several records a row: each also names its first column, in letters."""

    source_column: Column[Annotated[str, Stored("text")]]


_PROVENANCE = ("data_source", "source_sheet", "source_row", "source_column")


def _storage(annotation: Any) -> CellType | Stored:
    """The `CellType` or `Stored` that stands in `Column[Annotated[..., here]]`."""
    column = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    (element,) = get_args(column)
    for metadata in get_args(element)[1:]:
        if isinstance(metadata, CellType | Stored):
            return metadata
    raise TypeError(f"{annotation} names no CellType or Stored, so it cannot be a column")
