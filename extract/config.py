"""config/data_sources.yml: which files, which sheet, which table and key. Read strictly, without any fallback."""

import re
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from extract.errors.configuration import ConfigFileMissing, ConfigInvalid
from extract.errors.domains import DomainNotChosen, UnknownDomain
from extract.invalid_values import problem_of
from extract.limits import Limits
from extract.notices import Notify, Receiver
from extract.wording import Sentence


class Select(StrEnum):
    """Which of the discovered files come first when --max-files limits them."""

    LATEST_BY_YEAR_MONTH = "latest_by_year_month"
    LATEST_BY_MTIME = "latest_by_mtime"
    ALL = "all"


def _period_pattern(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(Sentence("no regular expression: {problem}", problem=str(error))) from None
    named = groups.keys() & {"year", "month", "quarter", "half"}
    if named and "year" not in named:
        raise ValueError(Sentence("lacks the named group year"))
    if len(named) > 2:
        raise ValueError(
            Sentence(
                "has the named groups {groups}: beside year, one of them is enough", groups=", ".join(sorted(named))
            )
        )
    return pattern


def _sheet_index(sheet: str | int) -> str | int:
    if isinstance(sheet, int) and sheet < 0:
        raise ValueError(Sentence("an index counts from 0, so it is greater than or equal to 0"))
    return sheet


def _sheets_pattern(sheets: tuple[str, ...] | str | None) -> tuple[str, ...] | str | None:
    if isinstance(sheets, str):
        try:
            re.compile(sheets)
        except re.error as error:
            raise ValueError(Sentence("no regular expression: {problem}", problem=str(error))) from None
    return sheets


def _base_path(path: str) -> str:
    known = re.sub(r"\{(YYYYMM|YYYY|MM)\}", "", path)
    if "{" in known or "}" in known or path.startswith("/") or ".." in Path(path).parts:
        raise ValueError(
            Sentence("is a path below the data directory with {{YYYYMM}}, {{YYYY}} and {{MM}} as the only placeholders")
        )
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DomainConfig(_Strict):
    """One entry of `domains`. The fields are described in docs/configuration.md."""

    description: str
    pattern: Annotated[str, AfterValidator(_period_pattern)]
    select: Select
    base_path: Annotated[str, AfterValidator(_base_path)] = ""
    sheet: Annotated[StrictStr | StrictInt, AfterValidator(_sheet_index)] = 0
    sheets: Annotated[tuple[str, ...] | str | None, AfterValidator(_sheets_pattern)] = None
    table: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=63)]
    pk: Annotated[tuple[str, ...], Field(min_length=1)]
    aliases: dict[str, tuple[str, ...]] = {}
    units: dict[str, str] = {}
    require_units: bool = False
    qualifiers: dict[str, tuple[str, ...]] = {}
    decimal: Literal[",", "."] | None = None
    month_of_span: Literal["first", "last"] = "last"
    month_words: dict[StrictStr, Annotated[int, Field(ge=1, le=12)]] = {}
    marks: dict[StrictStr, Annotated[str, Field(min_length=1, max_length=50)]] = {}
    nulls: tuple[StrictStr, ...] = ()
    periods_per_file: Literal["one", "many"] = "one"
    max_reject_ratio: Annotated[float, Field(ge=0, le=1)] = 0.5
    replace_scope: tuple[str, ...] = ()
    distribute_by: str | None = None
    max_removed_ratio: Annotated[float, Field(ge=0, le=1)] = 0.2
    require_approval: bool = False
    summary_labels: tuple[str, ...]


class DiscoveryConfig(_Strict):
    """The `discovery` entry, shared by all domains."""

    exclude_directories: tuple[str, ...]
    ignore_names: tuple[str, ...]
    max_depth: Annotated[int, Field(ge=0)]
    follow_symlinks: bool


class DataSources(_Strict):
    """The whole file."""

    domains: dict[str, DomainConfig]
    discovery: DiscoveryConfig
    limits: Limits = Limits()
    notify: Notify | None = None
    passwords: Path | None = None

    @property
    def only_domain(self) -> str:
        """The name of the one domain that is configured. Raises DomainNotChosen where there are several, or none."""
        if len(self.domains) != 1:
            raise DomainNotChosen(valid=", ".join(sorted(self.domains)) or "(none is configured)")
        return next(iter(self.domains))

    def domain(self, name: str) -> DomainConfig:
        """The entry of one domain. Raises UnknownDomain."""
        if name not in self.domains:
            raise UnknownDomain(domain=name, valid=", ".join(sorted(self.domains)))
        return self.domains[name]


class _UniqueKeyLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, which YAML itself would let win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise yaml.MarkedYAMLError(problem=f"the key {key} is given twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def load_data_sources(path: Path) -> DataSources:
    """Read and check the configuration. Raises ConfigFileMissing or ConfigInvalid with file, key and nearest name."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigFileMissing(path=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(
            path=str(path), key="(file)", problem=Sentence("cannot be read as UTF-8: {problem}", problem=str(error))
        ) from None
    try:
        content = yaml.load(text, Loader=_UniqueKeyLoader)  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ConfigInvalid(
            path=str(path), key=Sentence("line {line}", line=str(line)), problem=str(error.problem)
        ) from None
    except yaml.YAMLError as error:
        raise ConfigInvalid(path=str(path), key="(file)", problem=str(error)) from None
    if not isinstance(content, dict):
        raise ConfigInvalid(
            path=str(path), key="(file)", problem=Sentence("must be a mapping with domains and discovery")
        )
    try:
        return DataSources.model_validate(content)
    except ValidationError as error:
        raise _invalid(path, error) from None


def load_passwords(sources: DataSources, path: Path) -> dict[str, str]:
    """The passwords file that the configuration names: file name pattern to password. Raises ConfigInvalid.

    A relative path counts from the directory of the configuration.
    """
    if sources.passwords is None:
        return {}
    file = path.parent / sources.passwords
    try:
        content = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_UniqueKeyLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):  # its text is not repeated: it holds passwords
        raise ConfigInvalid(
            path=str(path), key="passwords", problem=Sentence("{file} cannot be read as YAML", file=str(file))
        ) from None
    if not isinstance(content, dict) or not all(isinstance(item, str) for pair in content.items() for item in pair):
        problem = Sentence("{file} must map file name patterns to passwords, both as texts", file=str(file))
        raise ConfigInvalid(path=str(path), key="passwords", problem=problem)
    return content


def _invalid(path: Path, error: ValidationError) -> ConfigInvalid:
    """The first problem of the file; an unknown key is named first, with the nearest valid one."""
    problems = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
    first = problems[0]
    location = [str(part) for part in first["loc"]]
    message = problem_of(first)
    if first["type"] == "extra_forbidden":
        entries: dict[str, type[BaseModel]] = {
            "domains": DomainConfig,
            "discovery": DiscoveryConfig,
            "limits": Limits,
            "notify": Notify if len(location) == 2 else Receiver,
        }
        model = DataSources if len(location) == 1 else entries[location[0]]
        message = _unknown_key(location[-1], list(model.model_fields))
    elif first["type"] == "enum":
        message = _no_choice(str(first["input"]), list(Select))
    elif first["type"] == "missing":
        message = Sentence("is missing")
    return ConfigInvalid(path=str(path), key=".".join(location), problem=message)


def _unknown_key(name: str, valid: list[str]) -> Sentence:
    if nearest := _nearest(name, valid):
        return Sentence("unknown key; did you mean {nearest}?", nearest=nearest)
    return Sentence("unknown key; valid are {valid}", valid=", ".join(valid))


def _no_choice(value: str, valid: list[str]) -> Sentence:
    if nearest := _nearest(value, valid):
        return Sentence(
            "{value} is none of {valid}; did you mean {nearest}?", value=value, valid=", ".join(valid), nearest=nearest
        )
    return Sentence("{value} is none of {valid}", value=value, valid=", ".join(valid))


def _nearest(name: str, valid: list[str]) -> str | None:
    return next(iter(get_close_matches(name, valid, n=1, cutoff=0.5)), None)
