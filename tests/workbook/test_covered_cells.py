"""rules.md, Merged cells: what a merged range covers is shown to nobody: no value, unless it repeats what is."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from hostile import package, rows_of, worksheet
from layouts import GOOD, NAME, book, outcome, respell, row
from reading import read


def merged(folder: Path, *rows: tuple[object, ...], merges: tuple[str, ...]) -> Path:
    """A sheet with merged ranges whose cells all keep what they hold."""
    ranges = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges)
    path = folder / f"{NAME}.xlsx"
    path.write_bytes(package(worksheet(rows_of([HEADER, *rows]), f"<mergeCells>{ranges}</mergeCells>")))
    return path


@pytest.mark.parametrize(
    ("merge", "rejects"),
    [
        ("E2:E3", ["E3 invalid_number"]),
        ("E2:F2", ["F2 invalid_number"]),
        ("E1:E2", ["E2 invalid_number"]),
        ("C2:D2", ["D2 invalid_code"]),
        ("B3:C3", ["C3 invalid_code"]),
        ("A3:B3", ["B3 invalid_period"]),
        ("E2:E9", ["E3 invalid_number"]),
        ("A3:B3 E3:F3", ["B3 invalid_period", "F3 invalid_number"]),
    ],
)
def test_a_covered_value_is_rejected(merge: str, rejects: list[str], tmp_path: Path, domain: Domain) -> None:
    rows = row("P1"), row("P2", rate=0.5, value=2, scale=3), row("P3"), row("P4")
    result = read(merged(tmp_path, *rows, merges=tuple(merge.split())), domain)
    assert [line for line in outcome(result) if "invalid" in line] == rejects
    assert outcome(result)[-len(rejects) - 2 : -len(rejects)] == [f"P3 {GOOD}", f"P4 {GOOD}"]


def test_one_that_repeats_what_is_shown_is_a_value(tmp_path: Path, domain: Domain) -> None:
    path = merged(tmp_path, row("P1"), row("P2"), merges=("D2:D3", "E2:E3", "F2:F3", "G2:G3"))
    assert outcome(read(path, domain)) == [f"P1 {GOOD}", f"P2 {GOOD}"]


def test_a_key_that_is_merged_over_rows_is_the_one_that_is_shown(tmp_path: Path, domain: Domain) -> None:
    path = merged(tmp_path, row("P1"), row("P2", company="C2"), merges=("D2:D3",))
    assert [line.split(",")[2] for line in read(path, domain).records.decode().splitlines()] == ["C1", "C1"]


def test_a_covered_value_of_an_ods_is_rejected(tmp_path: Path, domain: Domain) -> None:
    path = book(tmp_path, [HEADER, row("P1"), row("P2", rate=0.5), row("P3")], "ods")
    first = b'<table:table-cell office:value-type="float" office:value="0.0123"'
    spanned = first.replace(b" office", b' table:number-rows-spanned="2" office', 1)
    respell(
        path, lambda parts: parts | {"content.xml": parts["content.xml"].replace(first + b"/>", spanned + b"/>", 1)}
    )
    assert outcome(read(path, domain)) == [f"P1 {GOOD}", f"P3 {GOOD}", "E3 invalid_number"]
