"""Which files are found, of which month, and in which order."""

import os
from datetime import date
from pathlib import Path

import pytest

from extract.config import DiscoveryConfig, Select
from extract.domains.registry import Domain
from extract.errors.files import (
    DataDirectoryMissing,
    FileGivenTwice,
    FileMissing,
    NoFilesFound,
    PathUnusable,
    VersionsAmbiguous,
)
from extract.files.discovery import Discovered, Wish, discover, named_files
from extract.files.names import names_of
from extract.files.versions import OnAmbiguous, parse_period_range

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
    return discover(folder, domain.config, RULES.model_copy(update=changes), Wish(max_files))


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
    assert names_of(domain.config).read(name).months == ((period,) if period else ())


def test_names_are_compared_after_nfc(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-11_cafe\u0301_受托业绩.xlsx")
    assert names(find(tmp_path, domain)) == ["2024-11_café_受托业绩.xlsx"]


def test_csv_and_tsv_are_found(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-10_受托业绩.csv")
    put(tmp_path, "2024-11_受托业绩.TSV")
    assert names(find(tmp_path, domain)) == ["2024-10_受托业绩.csv", "2024-11_受托业绩.TSV"]


def test_files_beyond_the_limit_are_named(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-10_受托业绩.xlsx")
    put(tmp_path, "2024-11_受托业绩.xlsx")
    assert [item.path for item in find(tmp_path, domain, 1).passed_over] == ["2024-10_受托业绩.xlsx"]


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
    (data / "2024-06_受托业绩.xlsx").symlink_to(data / "2024-06_受托业绩.xlsx")
    assert names(find(data, domain)) == ["store/2024-11_受托业绩.xlsx"]
    assert len(find(data, domain).passed_over) == 6
    followed = find(data, domain, follow_symlinks=True)
    assert names(followed) == ["2024-09_受托业绩.xlsx", "store/2024-11_受托业绩.xlsx"]


def test_newest_period_first_loaded_oldest_first(tmp_path: Path, domain: Domain) -> None:
    for month in ("01", "03", "02", "12"):
        put(tmp_path, f"2024-{month}_受托业绩.xlsx")
    assert names(find(tmp_path, domain, None)) == ["2024-12_受托业绩.xlsx"]
    assert names(find(tmp_path, domain, 2)) == ["2024-03_受托业绩.xlsx", "2024-12_受托业绩.xlsx"]


def versions(folder: Path, domain: Domain, *paths: str, wish: Wish | None = None) -> list[str]:
    """Which of the files of November are taken; each is a second younger than the one before."""
    for number, path in enumerate(paths):
        put(folder, path, modified=1_700_000_000 + number)
    return names(discover(folder, domain.config, RULES, wish or Wish()))


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        (
            ["V2/2024-11_受托业绩.xlsx", "V10/2024-11_受托业绩.xlsx", "V9/2024-11_受托业绩.xlsx"],
            "V10/2024-11_受托业绩.xlsx",
        ),
        (["2024-11_受托业绩.xlsx", "V1/2024-11_受托业绩.xlsx"], "V1/2024-11_受托业绩.xlsx"),
        (["V2/2024-11_受托业绩.xlsx", "V3/notes.txt", "V3/archive/2024-11_受托业绩.xlsx"], "V2/2024-11_受托业绩.xlsx"),
        (["2024-11_受托业绩_V2.xlsx", "2024-11_受托业绩.xlsx"], "2024-11_受托业绩_V2.xlsx"),
        (["2024-11_受托业绩_v10.xlsx", "2024-11_受托业绩_V9.xlsx"], "2024-11_受托业绩_v10.xlsx"),
        (
            ["2024-11_受托业绩(2).xlsx", "2024-11_受托业绩.xlsx", "2024-11_受托业绩（1）.xlsx"],
            "2024-11_受托业绩(2).xlsx",
        ),
        (["2024-11_受托业绩_修订.xlsx", "2024-11_受托业绩.xlsx"], "2024-11_受托业绩_修订.xlsx"),
        (["2024-11_受托业绩_V2_修订.xlsx", "2024-11_受托业绩_V2.xlsx"], "2024-11_受托业绩_V2_修订.xlsx"),
    ],
)
def test_the_highest_version_of_a_period_is_taken(tmp_path: Path, domain: Domain, paths: list[str], taken: str) -> None:
    assert versions(tmp_path, domain, *paths) == [taken]
    found = find(tmp_path, domain)
    assert any(f"superseded by {taken}" == item.reason for item in found.passed_over) or "notes" in paths[1]


@pytest.mark.parametrize(
    "rivals",
    [
        ("2024-11_a_受托业绩.xlsx", "2024-11_b_受托业绩.xlsx"),
        ("x/2024-11_受托业绩.xlsx", "y/2024-11_受托业绩.xlsx"),
        ("2024-11_受托业绩_V2.xlsx", "2024-11_受托业绩_修订.xlsx"),
    ],
)
def test_files_that_nothing_tells_apart_stop_the_run(tmp_path: Path, domain: Domain, rivals: tuple[str, str]) -> None:
    with pytest.raises(VersionsAmbiguous) as caught:
        versions(tmp_path, domain, *rivals)
    assert all(name in caught.value.message for name in rivals)
    taken = {choice: versions(tmp_path, domain, *rivals, wish=Wish(None, None, choice)) for choice in OnAmbiguous}
    assert taken == {
        OnAmbiguous.NEWEST: [rivals[1]],
        OnAmbiguous.OLDEST: [rivals[0]],
        OnAmbiguous.FIRST: [rivals[0]],
        OnAmbiguous.ALL: list(rivals) if "V2" not in rivals[0] else list(reversed(rivals)),
    }


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (3, "a/2024-11_受托业绩.xlsx, b/2024-11_受托业绩.xlsx and c/2024-11_受托业绩.xlsx hold 2024-11"),
        (5, "d/2024-11_受托业绩.xlsx and e/2024-11_受托业绩.xlsx hold 2024-11"),
        (7, "e/2024-11_受托业绩.xlsx and 2 more hold 2024-11"),
    ],
)
def test_a_tie_names_all_its_files(tmp_path: Path, domain: Domain, count: int, told: str) -> None:
    with pytest.raises(VersionsAmbiguous) as caught:
        versions(tmp_path, domain, *(f"{folder}/2024-11_受托业绩.xlsx" for folder in "abcdefg"[:count]))
    assert told in caught.value.message


def test_rivals_of_a_month_that_is_not_loaded_do_not_matter(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-10_a_受托业绩.xlsx")
    put(tmp_path, "2024-10_b_受托业绩.xlsx")
    put(tmp_path, "2024-11_受托业绩.xlsx")
    assert names(find(tmp_path, domain, None)) == ["2024-11_受托业绩.xlsx"]
    with pytest.raises(VersionsAmbiguous):
        find(tmp_path, domain, 2)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("202411", ["11"]),
        ("2024-11", ["11"]),
        ("2024-10:2024-11", ["10", "11"]),
        ("202410:202411", ["10", "11"]),
        ("202401:202409", ["09"]),
    ],
)
def test_periods(tmp_path: Path, domain: Domain, text: str, months: list[str]) -> None:
    for month in ("09", "10", "11", "12"):
        put(tmp_path, f"2024-{month}_受托业绩.xlsx")
    found = discover(tmp_path, domain.config, RULES, Wish(None, parse_period_range(text)))
    assert [name[5:7] for name in names(found)] == months


@pytest.mark.parametrize("text", ["2024", "202413", "2024-13", "202411:202410", "2024-11-01", ""])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|month|ends"):
        parse_period_range(text)


@pytest.mark.parametrize("base_path", ["{YYYYMM}/受托", "{YYYY}/{MM}/受托"])
def test_base_path(tmp_path: Path, domain: Domain, base_path: str) -> None:
    folder = base_path.replace("{YYYYMM}", "202411").replace("{YYYY}", "2024").replace("{MM}", "11")
    put(tmp_path, f"{folder}/2024-11_受托业绩.xlsx")
    put(tmp_path, f"{folder}/2024-10_受托业绩.xlsx")
    put(tmp_path, "2024-11_受托业绩.xlsx")
    config = domain.config.model_copy(update={"base_path": base_path})
    found = discover(tmp_path, config, RULES.model_copy(update={"max_depth": 9}), Wish(9))
    assert names(found) == [f"{folder}/2024-11_受托业绩.xlsx"]
    assert len(found.passed_over) == 2


def test_select(tmp_path: Path, domain: Domain) -> None:
    put(tmp_path, "2024-12_受托业绩.xlsx", modified=1_700_000_001)
    put(tmp_path, "2024-11_受托业绩.xlsx", modified=1_700_000_002)

    def selected(select: Select, max_files: int | None) -> list[str]:
        config = domain.config.model_copy(update={"select": select})
        return names(discover(tmp_path, config, RULES, Wish(max_files)))

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


@pytest.mark.parametrize("path", ["x" * 300 + ".xlsx", "y/" * 3000 + "2024-11_受托业绩.xlsx", "\udcff_受托业绩.xlsx"])
def test_paths_that_no_disk_takes(tmp_path: Path, domain: Domain, path: str) -> None:
    with pytest.raises(PathUnusable) as caught:
        named_files([tmp_path / path], tmp_path, domain.config)
    caught.value.message.encode()
    with pytest.raises(PathUnusable):
        find(tmp_path / path, domain)
    with pytest.raises(FileMissing) as missing:
        named_files([tmp_path / "nul\0.xlsx"], tmp_path, domain.config)
    assert "nul\\x00.xlsx" in missing.value.message
