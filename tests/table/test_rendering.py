"""A plan shows every number with its decimal places, never with an exponent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import pytest

from extract.domains.base import Column, DomainModel
from extract.domains.registry import Domain
from extract.fields.base import FileContext
from extract.fields.numbers import Number
from extract.table.records.rendering import render_lines


class Fine(DomainModel):
    """A domain with a field of eight places."""

    label_field: ClassVar[str] = "fee"
    rules: ClassVar[int] = 1
    fee: Column[Annotated[Decimal | None, Number(("费率",), 18, 8, Decimal(-1), {})]]


@dataclass(frozen=True)
class FineDomain(Domain):
    """That domain; models are looked up by the name of a module otherwise."""

    @property
    def model(self) -> type[DomainModel]:  # type: ignore[override]
        """The model of this file."""
        return Fine


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (0.0, "0.00000000"),
        (-0.0, "0.00000000"),
        ("0", "0.00000000"),
        (1e-8, "0.00000001"),
        ("1.2E-7", "0.00000012"),
        (1e-9, "0.00000000"),
        (0.1, "0.10000000"),
        (1.2e3, "1200.00000000"),
        ("", ""),
    ],
)
def test_a_number_of_more_than_six_places(cell: Any, shown: str, domain: Domain) -> None:
    values = {"fee": [cell], "data_source": ["x"], "source_sheet": ["y"], "source_row": [2]}
    chunk = Fine.model_validate(values, context=FileContext(date(2026, 11, 20)))
    assert render_lines(chunk, FineDomain("fine", domain.config, ())) == [f"{shown},x,y,2\n"]
