"""config/data_sources.yml and the settings: what is wrong stops with file, key and the nearest valid name."""

import re
from pathlib import Path

import pytest

from extract.config import load_data_sources
from extract.domains.registry import load_domain
from extract.errors.configuration import ConfigFileMissing, ConfigInvalid, InvalidSetting, UnknownSetting
from extract.errors.domains import UnknownDomain
from extract.settings import ROOT, load_settings, variable_names
from extract.wording import again, use_language

GOOD = (ROOT / "config" / "data_sources.yml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "data_sources.yml"
    path.write_text(text, encoding="utf-8")
    load_domain(load_data_sources(path), "trustee_performance", path)


@pytest.mark.parametrize(
    ("old", "new", "key", "hint"),
    [
        ("    select:", "    selekt: all\n    select:", "domains.trustee_performance.selekt", "did you mean select?"),
        ("  max_depth: 5", "  max_dept: 5", "discovery.max_dept", "did you mean max_depth?"),
        ("discovery:", "discover:", "discover", "did you mean discovery?"),
        ("latest_by_year_month", "latest_by_yearmonth", ".select", "did you mean latest_by_year_month?"),
        ("(?P<year>", "(?P<jahr>", ".pattern", "lacks the named group year"),
        ("(?P<month>", "(?P<half>)(?P<month>", ".pattern", "beside year, one of them is enough"),
        ("(?P<year>", "(?P<year>(", ".pattern", "no regular expression"),
        ("sheet: 0", "sheet: -1", ".sheet", "greater than or equal to 0"),
        ("max_reject_ratio: 0.5", "max_reject_ratio: 5", ".max_reject_ratio", "less than or equal to 1"),
        ("max_depth: 5", "max_depth: deep", "discovery.max_depth", "integer"),
        ("pk: [report_date,", "pk: [reportdate,", ".pk", "reportdate is no field"),
        ("units: {}", "units: {fund_scale: dollars}", ".units.fund_scale", "dollars is no unit"),
        ("units: {}", "units: {fund_size: 万元}", ".units", "fund_size is no field"),
        ("    sheet: 0", "    sheet: 0\n    sheet: 1", "line", "sheet is given twice"),
        ("  follow_symlinks: false", "", "discovery.follow_symlinks", "is missing"),
        ("domains:", "domains: [", "line", ""),
        ("  trustee_performance:", "  performance:", "domains.performance", "there is no module"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, old: str, new: str, key: str, hint: str) -> None:
    assert old in GOOD
    name = "performance" if "performance:" in new else "trustee_performance"
    path = tmp_path / "data_sources.yml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigInvalid) as caught:
        load_domain(load_data_sources(path), name, path)
    assert key in caught.value.key
    assert hint in caught.value.problem
    assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    select:", "    selekt: all\n    select:"),
        ("latest_by_year_month", "latest_by_yearmonth"),
        ("(?P<year>", "(?P<jahr>"),
        ("sheet: 0", "sheet: -1"),
        ("max_reject_ratio: 0.5", "max_reject_ratio: 5"),
        ("max_depth: 5", "max_depth: deep"),
        ("max_depth: 5", "max_depth: -1"),
        ("max_depth: 5", "max_depth: 1.5"),
        ("follow_symlinks: false", "follow_symlinks: maybe"),
        ("pk: [report_date,", "pk: [reportdate,"),
        ("units: {}", "units: 3"),
        ("units: {}", "units: {}\n    periods_per_file: few"),
        ("units: {}", "units: {}\n    table: Big"),
        ("  follow_symlinks: false", ""),
    ],
)
def test_what_is_wrong_is_told_in_chinese(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    text = GOOD.replace("    table: trustee_performance\n", "") if "table:" in new else GOOD
    with pytest.raises(ConfigInvalid) as caught:
        load(tmp_path, text.replace(old, new, 1))
    use_language("zh")
    try:
        told = again(caught.value.message).replace(str(tmp_path), "")
    finally:
        use_language("en")
    assert re.search("[\u4e00-\u9fff]", told)
    assert re.findall(r"[A-Za-z]+ [a-z]+", told) == []


def test_units_of_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "data_sources.yml"
    path.write_text(GOOD.replace("units: {}", "units: {return_rate: percent, fund_scale: 万元}"), encoding="utf-8")
    loaded = load_domain(load_data_sources(path), "trustee_performance", path)
    assert dict(loaded.units) == {"return_rate": -2, "fund_scale": 4}


def test_a_missing_file_and_an_unknown_domain(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileMissing):
        load_data_sources(tmp_path / "none.yml")
    path = ROOT / "config" / "data_sources.yml"
    with pytest.raises(UnknownDomain) as caught:
        load_domain(load_data_sources(path), "trustee_perf", path)
    assert "trustee_performance" in caught.value.next_step


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "data_sources.yml"
    path.write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        load_data_sources(path)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    import os

    for name in [name for name in os.environ if name.upper().startswith("WDH_")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("WDH_DATABASE_HOST", "WDH_DATABASE__HOST"),
        ("WDH_DATABASE__HOSTT", "WDH_DATABASE__HOST"),
        ("WDH_DATA_DIR", "WDH_DATA_BASE_DIR"),
        ("WDH_DATABASE", "WDH_DATABASE__DB"),
        ("wdh_database_uri", "WDH_DATABASE__URI"),
    ],
)
def test_an_unknown_variable_names_the_nearest(
    tmp_path: Path, clean: pytest.MonkeyPatch, variable: str, nearest: str
) -> None:
    clean.setenv(variable, "x")
    with pytest.raises(UnknownSetting) as caught:
        load_settings(tmp_path)
    assert caught.value.variable == variable
    assert caught.value.nearest in (nearest, "WDH_DATABASE__USER")


def test_an_unknown_variable_in_the_env_file(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("WDH_DATABASE_HOST=x\n", encoding="utf-8")
    with pytest.raises(UnknownSetting, match=r"\.env"):
        load_settings(tmp_path)


def test_the_environment_wins_over_the_env_file(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text(
        "WDH_DATABASE__HOST=a\nWDH_DATABASE__USER=u\nWDH_DATABASE__DB=d\nOTHER=1\n", encoding="utf-8"
    )
    clean.setenv("WDH_DATABASE__HOST", "b")
    database = load_settings(tmp_path).database
    assert database is not None
    assert (database.host, database.user, database.port) == ("b", "u", 5432)


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"WDH_DATABASE__PASSWORD": "x"}, "WDH_DATABASE__HOST"),
        ({"WDH_DATABASE__HOST": "h", "WDH_DATABASE__DB": "d"}, "WDH_DATABASE__USER"),
        ({"WDH_DATABASE__HOST": "h", "WDH_DATABASE__USER": "u", "WDH_DATABASE__PORT": "high"}, "WDH_DATABASE__PORT"),
        ({"WDH_DATABASE__HOST": ""}, "WDH_DATABASE__HOST"),
        ({"WDH_DATA_BASE_DIR": ""}, "WDH_DATA_BASE_DIR"),
    ],
)
def test_a_half_given_server_is_no_reason_to_use_the_embedded_one(
    tmp_path: Path, clean: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in variables.items():
        clean.setenv(name, value)
    with pytest.raises(InvalidSetting) as caught:
        load_settings(tmp_path)
    assert caught.value.variable == named


def test_a_uri_in_the_env_file_never_wins_over_a_host_in_the_environment(
    tmp_path: Path, clean: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WDH_DATABASE__URI=postgresql://u@production/d\n", encoding="utf-8")
    clean.setenv("WDH_DATABASE__HOST", "test")
    with pytest.raises(InvalidSetting, match="which server is meant"):
        load_settings(tmp_path)


def test_an_env_file_that_is_not_utf8(tmp_path: Path, clean: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes("# 设置\nWDH_DATA_BASE_DIR=数据\n".encode("gbk"))
    with pytest.raises(InvalidSetting, match="UTF-8"):
        load_settings(tmp_path)


def test_every_setting_is_in_the_example(clean: pytest.MonkeyPatch) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [name for name in variable_names() if f"# {name}=" not in example] == []
