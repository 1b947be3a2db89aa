"""Which files are found, of which month, and in which order."""

import os
from datetime import date
from pathlib import Path

import pytest

from extract.config import DiscoveryConfig, Select
from extract.discovery import Discovered, discover, named_files, period_in_name
from extract.domain import Domain
from extract.errors import DataDirectoryMissing, FileGivenTwice, FileMissing, NoFilesFound

RULES = DiscoveryConfig(
    exclude_directories=("archive", "归档"), ignore_names=("~$*", ".*"), max_depth=2, follow_symlinks=False
)
NOVEMBER = date(2024, 11, 1)


def put(folder: Path, name: str, modified: float = 1_700_000_000, content: bytes = b"x") -> Path:
    """A file with a modification time."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (modified, modified))
    return path


def find(folder: Path, domain: Domain, max_files: int | None = 99, **changes: object) -> Discovered:
    """Discover with the rules of these tests, some of them changed."""
    return discover(folder, domain.config, RULES.model_copy(update=changes), max_files)


def names(found: Discovered) -> list[str]:
    """The files as the plan names them."""
    return [source.data_source for source in found.files]


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("2024_11_受托业绩报告.xlsx", NOVEMBER),
        ("2024-11_受托业绩报告.xlsx", NOVEMBER),
        ("2024-11受托业绩.xlsx", NOVEMBER),
        ("202411受托业绩.xlsx", NOVEMBER),
        ("202411_受托业绩.XLSX", NOVEMBER),
        ("2024年11月受托业绩.xlsx", NOVEMBER),
        ("24年11月受托业绩.xlsx", NOVEMBER),
        ("受托业绩_2024年11月_V2.xls", NOVEMBER),
        ("公司A 2024.11 受托业绩.ods", NOVEMBER),
        ("20241130_受托业绩.xlsx", NOVEMBER),
        ("2024年1月受托业绩.xlsm", date(2024, 1, 1)),
        ("2024-01_受托业绩.xlsb", date(2024, 1, 1)),
        ("2024_13_受托业绩.xlsx", None),
        ("2024_00_受托业绩.xlsx", None),
        ("2024年受托业绩.xlsx", None),
        ("2411受托业绩.xlsx", None),
        ("2024-11_其他.xlsx", None),
        ("2024-11_受托业绩.docx", None),
        ("2024-11_受托业绩.xlsx.bak", None),
    ],
)
def test_month_in_the_name(domain: Domain, name: str, period: date | None) -> None:
    import re

    assert period_in_name(name, re.compile(domain.config.pattern, re.IGNORECASE)) == period


def test_names_are_compared_after_nfc(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-11_cafe\u0301_受托业绩.xlsx")
    assert names(find(tmp_path, domain)) == ["2024-11_café_受托业绩.xlsx"]


def test_what_is_passed_over_is_named_with_the_reason(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-11_受托业绩.xlsx")
    put(tmp_path, "~$2024-11_受托业绩.xlsx")
    put(tmp_path, ".2024-10_受托业绩.xlsx")
    put(tmp_path, "2024-09_受托业绩.xlsx", content=b"")
    put(tmp_path, "archive/2024-08_受托业绩.xlsx")
    put(tmp_path, ".hidden/2024-07_受托业绩.xlsx")
    put(tmp_path, "a/b/2024-06_受托业绩.xlsx")
    put(tmp_path, "a/b/c/2024-05_受托业绩.xlsx")
    put(tmp_path, "notes.txt")
    found = find(tmp_path, domain)
    assert names(found) == ["a/b/2024-06_受托业绩.xlsx", "2024-11_受托业绩.xlsx"]
    reasons = {item.path: item.reason.split(" (")[0] for item in found.passed_over}
    assert reasons == {
        "~$2024-11_受托业绩.xlsx": "ignored name",
        ".2024-10_受托业绩.xlsx": "ignored name",
        "2024-09_受托业绩.xlsx": "empty file",
        "archive/": "excluded directory",
        ".hidden/": "hidden directory",
        "a/b/c/": "deeper than discovery.max_depth 2",
        "notes.txt": "its name does not match the pattern of the domain",
    }


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need rights that Windows users lack")
def test_symbolic_links(tmp_path: Path, domain: Domain) -> None:
    data = tmp_path / "data"
    inside = put(data, "store/2024-11_受托业绩.xlsx")
    outside = put(tmp_path, "elsewhere/2024-10_受托业绩.xlsx")
    (data / "2024-09_受托业绩.xlsx").symlink_to(inside)
    (data / "2024-08_受托业绩.xlsx").symlink_to(outside)
    (data / "2024-07_受托业绩.xlsx").symlink_to(data / "nowhere")
    (data / "linked").symlink_to(outside.parent)
    (data / "loop").symlink_to(data)
    assert names(find(data, domain)) == ["store/2024-11_受托业绩.xlsx"]
    assert len(find(data, domain).passed_over) == 5
    followed = find(data, domain, follow_symlinks=True)
    assert names(followed) == ["2024-09_受托业绩.xlsx", "store/2024-11_受托业绩.xlsx"]


def test_newest_period_first_loaded_oldest_first(tmp_path: Path, domain: Domain) -> None:
    for month in ("01", "03", "02", "12"):
        put(tmp_path, f"2024-{month}_受托业绩.xlsx")
    assert names(find(tmp_path, domain, None)) == ["2024-12_受托业绩.xlsx"]
    assert names(find(tmp_path, domain, 2)) == ["2024-03_受托业绩.xlsx", "2024-12_受托业绩.xlsx"]


def test_of_one_period_the_later_file_loads_last(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-11_a_受托业绩.xlsx", modified=1_700_000_002)
    put(tmp_path, "2024-11_b_受托业绩.xlsx", modified=1_700_000_001)
    put(tmp_path, "2024-11_c_受托业绩.xlsx", modified=1_700_000_001)
    assert [name[8] for name in names(find(tmp_path, domain))] == ["b", "c", "a"]


def test_select(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-12_受托业绩.xlsx", modified=1_700_000_001)
    put(tmp_path, "2024-11_受托业绩.xlsx", modified=1_700_000_002)

    def selected(select: Select, max_files: int | None) -> list[str]:
        config = domain.config.model_copy(update={"select": select})
        return names(discover(tmp_path, config, RULES, max_files))

    assert selected(Select.LATEST_BY_YEAR_MONTH, None) == ["2024-12_受托业绩.xlsx"]
    assert selected(Select.LATEST_BY_MTIME, None) == ["2024-11_受托业绩.xlsx"]
    assert len(selected(Select.ALL, None)) == 2
    assert len(selected(Select.ALL, 1)) == 1


def test_nothing_found_says_where_it_looked(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024_13_受托业绩.xlsx")
    with pytest.raises(NoFilesFound) as caught:
        find(tmp_path, domain)
    assert str(tmp_path) in caught.value.message
    assert "2024_13_受托业绩.xlsx" in caught.value.message
    with pytest.raises(DataDirectoryMissing):
        find(tmp_path / "none", domain)


def test_named_files(tmp_path: Path, domain: Domain) -> None:
    inside = put(tmp_path, "data/x/2024-11_受托业绩.xlsx")
    outside = put(tmp_path, "other/Book1.xlsx")
    found = named_files([inside, outside], tmp_path / "data", domain.config)
    assert [(source.data_source, source.period) for source in found.files] == [
        ("Book1.xlsx", None),
        ("x/2024-11_受托业绩.xlsx", NOVEMBER),
    ]
    with pytest.raises(FileMissing):
        named_files([tmp_path / "none.xlsx"], tmp_path, domain.config)
    with pytest.raises(FileGivenTwice):
        named_files([inside, inside.parent / ".." / "x" / inside.name], tmp_path, domain.config)
