"""Settings from the environment and .env: every variable that begins with WDH_. The one place that reads them."""

import os
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from extract.errors.configuration import InvalidSetting, UnknownSetting
from extract.invalid_values import problem_of
from extract.wording import Sentence, language_of_locale

ROOT = Path(__file__).resolve().parent.parent
CONFIGURATION = ROOT / "config" / "data_sources.yml"
SEEDS = ROOT / "dbt_project" / "seeds"
PREFIX = "WDH_"
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SSL_FILES = ("sslrootcert", "sslcert", "sslkey")
_MAX_TIMEOUT = 2_147_483
"""Seconds; PostgreSQL counts milliseconds in 31 bits."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds that the server gives a statement, and that a statement waits for a lock."""

    statement: float = 600
    lock: float = 10


class DatabaseSettings(BaseModel):
    """A PostgreSQL server: `uri`, which wins, or host, user and db. Without any of them the embedded one is used.

    The timeouts hold for the embedded one too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: SecretStr | None = None
    host: str | None = None
    port: int = Field(default=5432, ge=1, le=65535)
    user: str | None = None
    password: SecretStr | None = None
    db: str | None = None
    sslmode: str | None = None
    sslrootcert: str | None = None
    sslcert: str | None = None
    sslkey: str | None = None
    statement_timeout: float = Field(default=Timeouts.statement, gt=0, le=_MAX_TIMEOUT)
    lock_timeout: float = Field(default=Timeouts.lock, gt=0, le=_MAX_TIMEOUT)

    @property
    def timeouts(self) -> Timeouts:
        """Both timeouts."""
        return Timeouts(self.statement_timeout, self.lock_timeout)

    @property
    def names_a_server(self) -> bool:
        """Whether anything but the timeouts is set."""
        return bool(self.model_fields_set - {"statement_timeout", "lock_timeout"})


class Settings(BaseModel):
    """All settings; .env.example lists them with their meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data_base_dir: Path = ROOT / "data"
    data_sources_config: Path = CONFIGURATION
    workbook_password: SecretStr | None = None
    language: Literal["en", "zh"] | None = None
    database: DatabaseSettings | None = None
    _timeouts: Timeouts = PrivateAttr(default=Timeouts())

    @property
    def timeouts(self) -> Timeouts:
        """The timeouts of the database, the embedded one included."""
        return self._timeouts

    @property
    def reading_language(self) -> str:
        """The language of what people read: the setting, else that of the locale where we have it, else en."""
        return self.language or language_of_locale()

    @property
    def dbt_project(self) -> Path:
        """The directory of the dbt project: that of the configuration, where one stands there, else the checkout."""
        return dbt_project_of(self.data_sources_config)

    @property
    def database_uri(self) -> str | None:
        """The URI of the database with its password, where the settings name it by one."""
        return self.database.uri.get_secret_value() if self.database and self.database.uri else None


def dbt_project_of(configuration: Path) -> Path:
    """The directory of the dbt project of the domains in a configuration."""
    beside = configuration.parent.resolve()
    return beside if (beside / "dbt_project.yml").is_file() else ROOT


def variable_names() -> list[str]:
    """The names of all settings."""
    names = [f"{PREFIX}{name}".upper() for name in Settings.model_fields if name != "database"]
    return names + [f"{PREFIX}DATABASE__{name}".upper() for name in DatabaseSettings.model_fields]


def load_settings(root: Path = ROOT) -> Settings:
    """Read the environment, then `.env` in `root`. A relative path counts from `root`.

    `database` is None for the embedded one. Raises UnknownSetting for a WDH_ variable that is no setting,
    InvalidSetting for a value that cannot be used.
    """
    sources = _sources(root / ".env")
    _check_names(sources)
    try:
        settings = Settings.model_validate(_values(sources))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = PREFIX + "__".join(str(part) for part in first["loc"]).upper()
        raise InvalidSetting(variable=variable, problem=problem_of(first)) from None
    changed: dict[str, object] = {
        name: root / getattr(settings, name) for name in ("data_base_dir", "data_sources_config")
    }
    if settings.database is not None:
        settings._timeouts = settings.database.timeouts
        changed["database"] = _checked_server(settings.database, root)
    return settings.model_copy(update=changed)


def check_sslmode(value: str, where: str) -> str:
    """The sslmode itself. Raises InvalidSetting with the nearest valid one, `where` being the variable."""
    if value not in SSL_MODES:
        nearest = get_close_matches(value.lower(), SSL_MODES, n=1, cutoff=0)[0]
        raise InvalidSetting(
            variable=where,
            problem=Sentence("{value} is no sslmode: did you mean {nearest}?", value=value, nearest=nearest),
        )
    return value


def absolute_ssl_file(path: str, root: Path = ROOT) -> str:
    """A path of a certificate or key; a relative one counts from `root`. `system` names the store of the system."""
    return path if path == "system" else str(root / Path(path).expanduser())


_Sources = dict[str, dict[str, str | None]]
"""The variables that begin with WDH_, by where they stand; what stands first wins."""


def _sources(env_file: Path) -> _Sources:
    try:
        in_file = dotenv_values(env_file)
    except UnicodeDecodeError:
        raise InvalidSetting(variable=str(env_file), problem=Sentence("is not UTF-8: save it as UTF-8")) from None
    found: _Sources = {"environment": dict(os.environ), ".env": in_file}
    return {
        where: {name: value for name, value in variables.items() if name.upper().startswith(PREFIX)}
        for where, variables in found.items()
    }


def _values(sources: _Sources) -> dict[str, object]:
    """The variables as the fields of Settings; WDH_DATABASE__HOST is the host of `database`."""
    values: dict[str, object] = {}
    server: dict[str, object] = {}
    for variables in reversed(sources.values()):
        for name, value in variables.items():
            group, _, field = name.upper().removeprefix(PREFIX).lower().partition("__")
            if field:
                server[field] = value
            else:
                values[group] = value
    return values | ({"database": server} if server else {})


def _check_names(sources: _Sources) -> None:
    valid = variable_names()
    _check_one_server(sources)
    for where, variables in sources.items():
        for name, value in variables.items():
            if name.upper() not in valid:
                nearest = get_close_matches(name.upper(), valid, n=1, cutoff=0)[0]
                raise UnknownSetting(variable=name, where=where, nearest=nearest)
            if not value:
                raise InvalidSetting(
                    variable=name, problem=Sentence("is set ({where}) but empty: give a value or unset it", where=where)
                )


def _check_one_server(sources: _Sources) -> None:
    """A URI wins over host and database, but one in .env must not win over a host in the environment, or vice versa."""
    uri = f"{PREFIX}DATABASE__URI"
    parts = {f"{PREFIX}DATABASE__{name}" for name in ("HOST", "PORT", "USER", "DB")}
    with_uri = [where for where, variables in sources.items() if uri in variables]
    with_parts = [where for where, variables in sources.items() if parts & variables.keys()]
    if with_uri and with_parts and with_uri != with_parts:
        problem = Sentence(
            "stands in the {place}, host, user or database in the {other}: which server is meant?",
            place=with_uri[0],
            other=with_parts[0],
        )
        raise InvalidSetting(variable=uri, problem=problem)


def _checked_server(database: DatabaseSettings, root: Path) -> DatabaseSettings | None:
    """The server with absolute paths; None where only the timeouts are set, which leaves the embedded one."""
    if not database.names_a_server:
        return None
    if database.uri is None:
        for name in ("host", "user", "db"):
            if getattr(database, name) is None:
                raise InvalidSetting(
                    variable=f"{PREFIX}DATABASE__{name.upper()}",
                    problem=Sentence(
                        "is missing: a server needs HOST, USER and DB (or URI); unset all for the embedded one"
                    ),
                )
    if database.sslmode is not None:
        check_sslmode(database.sslmode, f"{PREFIX}DATABASE__SSLMODE")
    files = {name: getattr(database, name) for name in SSL_FILES}
    return database.model_copy(update={name: absolute_ssl_file(path, root) for name, path in files.items() if path})


def variable(name: str, root: Path = ROOT) -> str | None:
    """A variable that the configuration names, from the environment, else from `.env` in `root`; None for none."""
    return os.environ.get(name) or dotenv_values(root / ".env").get(name)
