"""rules.md, Numbers: decimal commas beside semicolons, protected zeros, and files that no separator cuts."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from extract.errors.table import HeaderNotFound
from layouts import NAME, outcome
from reading import read


def text(folder: Path, *lines: str, kind: str = "csv") -> Path:
    """A text with the usual header, separated by semicolons."""
    path = folder / f"{NAME}.{kind}"
    path.write_text("\n".join([";".join(HEADER), *lines]), encoding="utf-8-sig")
    return path


LINES: dict[str, tuple[str, str | None, str]] = {
    "three places behind the comma": ("1%;1,231;12341,125", None, "F2 G2"),
    "two places in the amount": ("1,25%;1,234;1000000,50", None, "E2 F2 G2"),
    "one comma of thousands": ("1%;1.5;1,234", None, "G2"),
    "two commas of thousands": ("1%;1.5;1,234,567", None, "0.010000 1.5000 1234567.00"),
    "comma and point": ("1%;1.5;1,234.50", None, "0.010000 1.5000 1234.50"),
    "no comma": ("1.25%;1.5;1234", None, "0.012500 1.5000 1234.00"),
    "a decimal comma by configuration": ("1,25%;1,231;12341,125", ",", "0.012500 1.2310 12341.13"),
    "points of thousands by configuration": ("1,25%;1,5;1.234.567,50", ",", "0.012500 1.5000 1234567.50"),
    "a point of thousands by configuration": ("1%;1,5;1.234", ",", "0.010000 1.5000 1234.00"),
    "a decimal point by configuration": ("1.25%;1.5;1,234", ".", "0.012500 1.5000 1234.00"),
    "a decimal comma in spite of the configuration": ("1,25%;1.5;1,5", ".", "E2 G2"),
}


@pytest.mark.parametrize("sep", [True, False])
@pytest.mark.parametrize("kind", ["csv", "txt"])
@pytest.mark.parametrize(("cells", "decimal", "loads"), LINES.values(), ids=LINES.keys())
def test_a_comma_beside_semicolons(
    cells: str, decimal: str | None, loads: str, kind: str, sep: bool, tmp_path: Path, domain: Domain
) -> None:
    path = text(tmp_path, f"2024;11;P1;C1;{cells}", "2024;11;P2;C1;1%;2;3", kind=kind)
    if sep:
        path.write_text("sep=;\n" + path.read_text(encoding="utf-8-sig"), encoding="utf-8-sig")
    found = outcome(read(path, domain, decimal=decimal))
    assert "P2 0.010000 2.0000 3.00" in found
    if loads[0] in "EFG":
        assert [line[0] for line in found[1:]] == [place[0] for place in loads.split()]
        assert {line.split()[1] for line in found[1:]} == {"invalid_number"}
    else:
        assert found[0] == f"P1 {loads}"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("cell", ['="000123"', '"=""000123"""', '"000123"', "000123"])
def test_zeros_that_an_export_protects_are_kept(cell: str, separator: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.csv"
    line = separator.join(("2024", "11", cell, '="C1"', "0.0123", "1.2345", '="1000000"'))
    path.write_text(separator.join(HEADER) + "\n" + line, encoding="utf-8-sig")
    assert outcome(read(path, domain)) == ["000123 0.012300 1.2345 1000000.00"]


def test_the_reject_says_how_to_settle_it(tmp_path: Path, domain: Domain) -> None:
    result = read(text(tmp_path, "2024;11;P1;C1;1%;1,231;5", "2024;11;P2;C1;1%;2;3"), domain)
    assert "decimal: ','" in result.rejected[0].rejects[0].reason


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_a_comma_beside_other_separators_is_one_of_thousands(separator: str, tmp_path: Path, domain: Domain) -> None:
    path = tmp_path / f"{NAME}.csv"
    cell = '"1,234"' if separator == "," else "1,234"
    line = separator.join(("2024", "11", "P1", "C1", "1%", "2", cell))
    path.write_text(separator.join(HEADER) + "\n" + line, encoding="utf-8")
    assert outcome(read(path, domain)) == ["P1 0.010000 2.0000 1234.00"]


@pytest.mark.parametrize("separator", ["^", "~", " "])
def test_a_file_of_one_column_without_a_header_says_what_separates_it(
    separator: str, tmp_path: Path, domain: Domain
) -> None:
    path = tmp_path / f"{NAME}.csv"
    path.write_text(separator.join(HEADER) + "\n" + separator.join("2024"), encoding="utf-8")
    with pytest.raises(HeaderNotFound) as raised:
        read(path, domain)
    assert "one column: no comma, tab, semicolon, vertical bar (|) separates its lines" in raised.value.message
