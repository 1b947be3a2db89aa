"""Every setting and every flag: which source of a value wins, and what is said about names and values that are none."""

import importlib
import os
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import console
import extract
import orchestrate
import run
from commands import ledger
from conftest import Checkout
from extract.errors.base import ExitCode
from extract.errors.configuration import InvalidSetting, UnknownSetting
from extract.settings import ROOT, DatabaseSettings, Settings, load_settings, variable_names
from orchestrate.warehouse.preparation import SetupOptions, find_target

VALUES = {
    "WDH_DATA_BASE_DIR": ("/a", "/b"),
    "WDH_DATA_SOURCES_CONFIG": ("/a.yml", "/b.yml"),
    "WDH_WORKBOOK_PASSWORD": ("first", "second"),
    "WDH_LANGUAGE": ("zh", "en"),
    "WDH_DATABASE__URI": ("postgresql://u@a/d", "postgresql://u@b/d"),
    "WDH_DATABASE__HOST": ("a", "b"),
    "WDH_DATABASE__PORT": ("1000", "2000"),
    "WDH_DATABASE__USER": ("a", "b"),
    "WDH_DATABASE__PASSWORD": ("first", "second"),
    "WDH_DATABASE__DB": ("a", "b"),
    "WDH_DATABASE__SSLMODE": ("require", "disable"),
    "WDH_DATABASE__SSLROOTCERT": ("/a.pem", "/b.pem"),
    "WDH_DATABASE__SSLCERT": ("/a.crt", "/b.crt"),
    "WDH_DATABASE__SSLKEY": ("/a.key", "/b.key"),
    "WDH_DATABASE__STATEMENT_TIMEOUT": ("11.0", "22.0"),
    "WDH_DATABASE__LOCK_TIMEOUT": ("3.0", "4.0"),
}
SERVER = {"WDH_DATABASE__HOST": "h", "WDH_DATABASE__USER": "u", "WDH_DATABASE__DB": "d"}
COMMANDS: dict[str, click.Command] = {
    "": run.main,
    **run.main.commands,
    **{f"repair {name}": command for name, command in ledger.repair.commands.items()},
}
FLAGS = [
    (name, flag)
    for name, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter, click.Option)
    for flag in parameter.opts
    if flag.startswith("--")
]


CONTRADICTIONS = {
    "--build": "--build needs --execute",
    "--reload": "--reload needs --execute",
    "--diff --execute": "--diff belongs to a plan",
    "--file a.xlsx --on-ambiguous newest": "--file names the workbooks",
    "setup --staging --dry-run": "--staging makes the tables of staging and nothing else: leave --dry-run out",
}


@pytest.mark.parametrize(("arguments", "says"), CONTRADICTIONS.items())
def test_options_that_contradict_one_another_are_refused(arguments: str, says: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        run.main(arguments.split(), standalone_mode=False)
    assert says in raised.value.message


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting of ours."""
    for name in [name for name in os.environ if name.upper().startswith("WDH_")]:
        monkeypatch.delenv(name)
    return monkeypatch


def value_of(settings: Settings, variable: str) -> str:
    """What the settings hold for a variable, as text."""
    name = variable.removeprefix("WDH_").lower()
    owner: object = settings
    if name.startswith("database__"):
        owner, name = settings.database, name.removeprefix("database__")
    value = getattr(owner, name)
    return str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def test_every_setting_is_in_the_table() -> None:
    assert sorted(VALUES) == sorted(variable_names())


@pytest.mark.parametrize("variable", VALUES)
def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, environment: pytest.MonkeyPatch, variable: str
) -> None:
    in_file, in_environment = VALUES[variable]
    others = {} if variable.endswith("URI") else {name: value for name, value in SERVER.items() if name != variable}
    lines = [f"{name}={value}\n" for name, value in others.items()]
    name = variable.removeprefix("WDH_").removeprefix("DATABASE__").lower()
    default = (DatabaseSettings if "DATABASE__" in variable else Settings).model_fields[name].default
    if variable not in SERVER and not variable.endswith("URI"):
        (tmp_path / ".env").write_text("".join(lines))
        assert value_of(load_settings(tmp_path), variable) == str(default)
    (tmp_path / ".env").write_text("".join([*lines, f"{variable}={in_file}\n"]))
    assert value_of(load_settings(tmp_path), variable) == in_file
    environment.setenv(variable, in_environment)
    assert value_of(load_settings(tmp_path), variable) == in_environment


def test_flags_win_over_settings(checkout: Checkout, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    where = {"WDH_DATA_BASE_DIR": str(ROOT / "data"), "WDH_DATA_SOURCES_CONFIG": str(tmp_path / "none.yml")}
    config = checkout.root / "config" / "data_sources.yml"
    assert checkout.run(**where).returncode == ExitCode.USAGE
    assert checkout.run("--config", config, **where).returncode == ExitCode.OK
    refused = checkout.run("--config", config, "--data-dir", tmp_path / "nowhere", **where)
    assert refused.returncode == ExitCode.USAGE
    assert "nowhere" in refused.stderr
    for name, value in (SERVER | {"WDH_DATABASE__LOCK_TIMEOUT": "3"}).items():
        environment.setenv(name, value)
    settings = load_settings(tmp_path)
    assert find_target(SetupOptions(), settings).timeouts.lock == 3
    assert find_target(SetupOptions(lock_timeout=7), settings).timeouts.lock == 7


@pytest.mark.parametrize("variable", VALUES)
def test_a_setting_with_a_typing_error_is_named_with_the_nearest(
    tmp_path: Path, environment: pytest.MonkeyPatch, variable: str
) -> None:
    environment.setenv(variable + "X", "1")
    with pytest.raises(UnknownSetting) as caught:
        load_settings(tmp_path)
    assert caught.value.nearest == variable


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *((variable, "") for variable in VALUES),
        *((f"WDH_DATABASE__{name}", value) for name in ("STATEMENT_TIMEOUT", "LOCK_TIMEOUT") for value in
          ("soon", "0", "-1", "9999999", "nan", "inf")),
        *(("WDH_LANGUAGE", value) for value in ("ZH", "de")),
        *(("WDH_DATABASE__PORT", value) for value in ("high", "0", "65536", "1.5")),
        ("WDH_DATABASE__SSLMODE", "requir"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_is_never_replaced_by_the_default(
    tmp_path: Path, environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name, other in SERVER.items():
        environment.setenv(name, other)
    environment.setenv(variable, value)
    with pytest.raises(InvalidSetting) as caught:
        load_settings(tmp_path)
    assert caught.value.variable == variable


@pytest.mark.parametrize(("command", "flag"), FLAGS)
def test_a_flag_with_a_typing_error_is_named_with_the_nearest(command: str, flag: str) -> None:
    wrong = f"{flag[:-1]}{flag[-1]}x"
    with pytest.raises(click.NoSuchOption) as caught:
        run.main([*command.split(), wrong], standalone_mode=False)
    assert flag in (caught.value.possibilities or ())


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {""}))
def test_every_command_has_help_and_refuses_what_it_does_not_know(command: str) -> None:
    helped = CliRunner().invoke(run.main, [*command.split(), "--help"])
    assert helped.exit_code == ExitCode.OK
    assert f"{command} [OPTIONS]" in helped.stdout
    refused = CliRunner().invoke(run.main, [*command.split(), "--no-such-flag"])
    assert refused.exit_code == ExitCode.USAGE
    assert "--no-such-flag" in refused.stderr


def test_help_and_a_refusal_through_a_process(checkout: Checkout) -> None:
    helped = checkout.run("plans", "--help")
    assert helped.returncode == ExitCode.OK
    assert "plans [OPTIONS]" in helped.stdout
    refused = checkout.run("plans", "--no-such-flag")
    assert refused.returncode == ExitCode.USAGE
    assert "--no-such-flag" in refused.stderr


@pytest.mark.parametrize("command", ["status", "setup", "reset"])
def test_a_configuration_that_is_not_there_is_not_replaced_by_another(checkout: Checkout, command: str) -> None:
    done = checkout.run(command, "--config", "nowhere.yml")
    assert done.returncode == ExitCode.USAGE
    assert "nowhere.yml" in done.stderr
    assert not (checkout.root / ".wdh").exists()


@pytest.mark.parametrize("package", [console, extract, orchestrate], ids=lambda package: package.__name__)
def test_every_module_can_be_imported(package: object) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith("orchestrate.dagster.") or find_spec("dagster_dbt"):  # of an extra
            importlib.import_module(module.name)


EXTRAS = ("dagster", "dagster_dbt", "distributed", "dask", "fsspec")


def test_nothing_of_an_extra_is_imported_by_who_does_not_ask_for_it(checkout: Checkout) -> None:
    (checkout.root / "data" / "2025-01_受托业绩.xlsx").write_bytes(
        (ROOT / "data" / "2025-01_受托业绩报告.xlsx").read_bytes()
    )
    program = checkout.root / "program.py"
    program.write_text(
        "import sys; sys.argv = ['run.py', '-q']; import run; import commands.dagster, orchestrate.dagster.home\n"
        "code = run.run()\n"
        f"taken = set(sys.modules) & set({EXTRAS!r})\n"
        "sys.exit(str(sorted(taken)) if taken or code else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, program], cwd=checkout.root, env=checkout.env(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
