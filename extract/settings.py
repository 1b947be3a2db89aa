"""Settings from the environment and .env: every variable that begins with WDH_. The one place that reads them."""

import os
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from extract.errors import InvalidSetting, UnknownSetting

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "WDH_"


class DatabaseSettings(BaseModel):
    """A PostgreSQL server: `uri`, which wins, or host, user and db. Without any of them the embedded one is used."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: SecretStr | None = None
    host: str | None = None
    port: int = Field(default=5432, ge=1, le=65535)
    user: str | None = None
    password: SecretStr | None = None
    db: str | None = None


class Settings(BaseSettings):
    """All settings; .env.example lists them with their meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    data_base_dir: Path = ROOT / "data"
    data_sources_config: Path = ROOT / "config" / "data_sources.yml"
    workbook_password: SecretStr | None = None
    database: DatabaseSettings | None = None


def variable_names() -> list[str]:
    """The names of all settings."""
    names = [f"{PREFIX}{name}".upper() for name in Settings.model_fields if name != "database"]
    return names + [f"{PREFIX}DATABASE__{name}".upper() for name in DatabaseSettings.model_fields]


def load_settings(root: Path = ROOT) -> Settings:
    """Read the environment, then `.env` in `root`. A relative path counts from `root`.

    Raises UnknownSetting for a WDH_ variable that is no setting, InvalidSetting for a value that cannot be used.
    """
    env_file = root / ".env"
    _check_names(env_file)
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        variable = PREFIX + "__".join(str(part) for part in first["loc"]).upper()
        raise InvalidSetting(variable=variable, problem=first["msg"]) from None
    _check_server(settings.database)
    paths = {name: root / getattr(settings, name) for name in ("data_base_dir", "data_sources_config")}
    return settings.model_copy(update=paths)


def _check_names(env_file: Path) -> None:
    valid = variable_names()
    try:
        in_file = dotenv_values(env_file)
    except UnicodeDecodeError:
        raise InvalidSetting(variable=str(env_file), problem="is not UTF-8: save it as UTF-8") from None
    sources: dict[str, dict[str, str | None]] = {"environment": dict(os.environ), ".env": in_file}
    _check_one_server(sources)
    for where, variables in sources.items():
        for name, value in variables.items():
            if not name.upper().startswith(PREFIX):
                continue
            if name.upper() not in valid:
                nearest = get_close_matches(name.upper(), valid, n=1, cutoff=0)[0]
                raise UnknownSetting(variable=name, where=where, nearest=nearest)
            if not value:
                raise InvalidSetting(variable=name, problem=f"is set ({where}) but empty: give a value or unset it")


def _check_one_server(sources: dict[str, dict[str, str | None]]) -> None:
    """A URI wins over host and database, but one in .env must not win over a host in the environment, or vice versa."""
    uri = f"{PREFIX}DATABASE__URI"
    parts = {f"{PREFIX}DATABASE__{name}" for name in ("HOST", "PORT", "USER", "DB")}
    with_uri = [where for where, variables in sources.items() if uri in variables]
    with_parts = [where for where, variables in sources.items() if parts & variables.keys()]
    if with_uri and with_parts and with_uri != with_parts:
        problem = f"stands in the {with_uri[0]}, host, user or database in the {with_parts[0]}: which server is meant?"
        raise InvalidSetting(variable=uri, problem=problem)


def _check_server(database: DatabaseSettings | None) -> None:
    if database is None or database.uri is not None:
        return
    for name in ("host", "user", "db"):
        if getattr(database, name) is None:
            raise InvalidSetting(
                variable=f"{PREFIX}DATABASE__{name.upper()}",
                problem="is missing: a server needs HOST, USER and DB (or URI); unset all for the embedded one",
            )
