"""Generated workbooks, read by extract_file and by a second reader: no loaded value differs, and clean rows all load.

A failing seed is read again by `make(seed)`; `python -m pytest -m heavy tests/table/test_differential.py` reads 500.
"""

import csv
import io
from pathlib import Path

import pytest
from generated_workbooks import Made, make
from second_reader import Record, Refused, read

from conftest import TODAY
from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.files.discovery import named_files
from extract.table.reading import extract_file
from packages import write_package

FEW, MANY = 40, 500


def loaded(made: Made, folder: Path, domain: Domain) -> list[Record]:
    """What extract_file loads. Raises DataError for a workbook that it refuses."""
    path = folder / made.name
    path.write_bytes(write_package(made.book, made.spelling))
    source = named_files([path], folder, domain.config).files[0]
    assert source.period == made.period
    (result,) = extract_file(source, domain, TODAY)
    if result.failure:
        raise result.failure
    lines = csv.reader(io.StringIO(result.records.decode()))
    return [(*line[:6], int(line[-1])) for line in lines]  # type: ignore[misc]


def expected(made: Made) -> list[Record] | None:
    """What the second reader loads; None for a workbook that it refuses."""
    try:
        return read(write_package(made.book), made.period)
    except Refused:
        return None


def check(seed: int, folder: Path, domain: Domain) -> tuple[int, int]:
    """Compare the readers on one workbook; the rows that each loads."""
    made = make(seed)
    told = f"make({seed}): {made.name}, spelling {sorted(made.spelling.features)}, traps {made.features}"
    theirs = expected(made)
    if made.clean:
        assert theirs == made.expected, f"the second reader fails; {told}"
    try:
        ours = loaded(made, folder, domain)
    except DataError as error:
        ours, told = [], f"{error.message}; {told}"
    assert set(ours) <= set(theirs or ()), f"only ours {sorted(set(ours) - set(theirs or ()))}; {told}"
    if made.clean:
        assert ours == made.expected, told
    return len(ours), len(theirs or ())


def compare(seeds: range, folder: Path, domain: Domain) -> None:
    """Compare the readers on many workbooks; of the rows with traps most load, or the test would tell nothing."""
    counts = [check(seed, folder, domain) for seed in seeds]
    ours, theirs = (sum(count[side] for count in counts) for side in (0, 1))
    assert ours >= 0.5 * theirs, f"of {theirs} rows {ours} load"


@pytest.mark.parametrize("part", range(4))
def test_forty_workbooks(part: int, tmp_path: Path, domain: Domain) -> None:
    compare(range(part * FEW // 4, (part + 1) * FEW // 4), tmp_path, domain)


@pytest.mark.heavy
@pytest.mark.parametrize("part", range(10))
def test_five_hundred_workbooks(part: int, tmp_path: Path, domain: Domain) -> None:
    compare(range(part * MANY // 10, (part + 1) * MANY // 10), tmp_path, domain)
