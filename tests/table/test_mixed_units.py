"""rules.md, Units: a column of which some figures bear a unit and others none loads, and the run says so."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.fields.numbers import Number
from layouts import Shown, formatted, outcome, row, warned
from reading import read


@pytest.mark.parametrize(
    ("scales", "header", "codes"),
    [
        (("100万", 100), "规模", ["units_mixed"]),
        (("100万", "100"), "规模", ["units_mixed"]),
        ((Shown(100, '0.00"万元"'), 100), "规模", ["units_mixed"]),
        (("1亿元", 1000.0, "5"), "规模", ["units_mixed"]),
        (("100万", 100), "规模(万元)", []),
        (("100万", "2万"), "规模", []),
        (("100元", 100), "规模", []),
        (("100万", 0), "规模", []),
        (("100万", "-"), "规模", []),
        ((Shown(1000000, '0!.0,"万元"'), 100), "规模", []),
    ],
)
def test_amounts(scales: tuple[object, ...], header: str, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:6], header), *(row(f"P{n}", scale=scale) for n, scale in enumerate(scales, start=1))]
    result = read(formatted(tmp_path, rows), domain)
    assert (result.report.rows_loaded, warned(result)) == (len(scales), codes)


@pytest.mark.parametrize(
    ("rates", "header", "codes"),
    [
        (("5%", 5), "收益率", ["units_mixed"]),
        (("5%", "5"), "收益率", ["units_mixed"]),
        ((Shown(0.05, "0.00%"), "0.05"), "收益率", ["units_mixed"]),
        ((Shown(0.05, "0.00%"), 0.5), "收益率", ["units_mixed"]),
        ((Shown(0.05, "0.00%"), 0.05), "收益率", []),
        (("5%", 5, 0.05), "收益率", ["ambiguous_unit"]),
        (("5%", 5), "收益率(%)", []),
        (("5%", Shown(0.05, "0.00%")), "收益率", []),
        ((Shown(0.05, "0.00%"), 0), "收益率", []),
        ((Shown(0.05, "0.00%"), "-", "0%"), "收益率", []),
    ],
)
def test_shares(rates: tuple[object, ...], header: str, codes: list[str], tmp_path: Path, domain: Domain) -> None:
    rows = [(*HEADER[:4], header, *HEADER[5:]), *(row(f"P{n}", rate) for n, rate in enumerate(rates, start=1))]
    result = read(formatted(tmp_path, rows), domain)
    assert (result.report.rows_loaded, warned(result)) == (len(rates), codes)


@pytest.mark.parametrize(("rate", "careful"), [(0.045, 0), (0.45, 0), ("0.045", 200)])
def test_usual_shares_are_not_read_once_more(
    rate: object, careful: int, tmp_path: Path, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    as_stated = Number.as_stated
    monkeypatch.setattr(
        Number, "as_stated", lambda self, cell, comma: asked.append(cell) or as_stated(self, cell, comma)
    )
    rows = [HEADER, *(row(f"P{n}", "4.5%" if n % 2 else rate) for n in range(400))]
    result = read(formatted(tmp_path, rows), domain)
    assert (result.report.rows_loaded, len(asked)) == (400, careful)


def test_the_first_cells_of_both_kinds_are_told(tmp_path: Path, domain: Domain) -> None:
    rows = [
        HEADER,
        row(scale="x"),
        row("P2", scale=0),
        row("P3", scale="7万"),
        *(row(f"Q{n}", scale=n) for n in range(1, 6)),
    ]
    result = read(formatted(tmp_path, rows), domain)
    assert outcome(result)[-1] == "G2 invalid_number"
    assert "(G4 7万) and some none (G5 1, G6 2, G7 3 and 2 more)" in result.report.warnings[0].detail
    assert "规模(元)" in result.report.warnings[0].detail
