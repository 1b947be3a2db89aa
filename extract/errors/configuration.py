"""What is wrong with the configuration file or a setting."""

from dataclasses import dataclass

from extract.errors.base import UsageError, Whole


@dataclass(eq=False)
class ConfigFileMissing(UsageError):
    """The configuration file is not where it should be."""

    path: Whole

    title = "Configuration file missing"
    template = "there is no configuration file {path}"
    remedy = "check --config or WDH_DATA_SOURCES_CONFIG; config/data_sources.yml of the checkout is the default"


@dataclass(eq=False)
class ConfigInvalid(UsageError):
    """The configuration file holds something that is not allowed."""

    path: Whole
    key: str
    problem: Whole

    title = "Configuration invalid"
    template = "{path}: {key}: {problem}"
    remedy = "mend that key; docs/configuration.md lists all of them"


@dataclass(eq=False)
class UnknownSetting(UsageError):
    """A variable begins with WDH_ and is no setting; going on could load into the wrong database."""

    variable: Whole
    where: str
    nearest: Whole

    title = "Unknown setting"
    template = "{variable} ({where}) begins with WDH_ but is no setting"
    remedy = "did you mean {nearest}? Rename it or unset it"


@dataclass(eq=False)
class InvalidSetting(UsageError):
    """A setting has a value that cannot be used."""

    variable: Whole
    problem: Whole

    title = "Invalid setting"
    template = "{variable}: {problem}"
    remedy = "correct it in the environment or in .env; .env.example lists the settings"


@dataclass(eq=False)
class ExtraMissing(UsageError):
    """What was asked for needs packages of an extra, which is not installed."""

    what: Whole
    extra: Whole

    title = "Extra missing"
    template = "{what} needs the extra [{extra}], which is not installed"
    remedy = "install it: python -m pip install -c constraints.txt -e '.[{extra}]'"


@dataclass(eq=False)
class ExecutorUnknown(UsageError):
    """--executor names something that is no executor."""

    executor: Whole

    title = "Executor unknown"
    template = "{executor} names no executor"
    remedy = "write dask://HOST:PORT, the address of a Dask scheduler, or leave --executor out to read here"


@dataclass(eq=False)
class ExecutorUnreachable(UsageError):
    """No scheduler answers where --executor says, or it has no workers."""

    address: Whole
    problem: Whole

    title = "Executor unreachable"
    template = "no workbook can be read by the executor at {address}: {problem}"
    remedy = "start its scheduler and workers (docs/scale.md), check the address, or leave --executor out to read here"


@dataclass(eq=False)
class RemoteFailed(UsageError):
    """A URL of --data-dir or --plan-dir cannot be read or written."""

    url: Whole
    problem: Whole

    title = "Remote failed"
    template = "{url} cannot be used: {problem}"
    remedy = "check the URL, the rights of its user, and that the store can be reached; docs/scale.md shows examples"
