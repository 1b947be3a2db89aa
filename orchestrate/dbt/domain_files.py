"""The dbt files of a domain, written from its Pydantic model: a macro call per model, and its contract.

`python -m orchestrate.dbt.domain_files CONFIG` writes those of all domains that the project of a configuration lists.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extract.config import load_data_sources
from extract.domains.registry import Domain, load_domain
from extract.errors.proposals import DomainFileExists
from extract.settings import Settings, load_settings
from orchestrate.dbt.domain_contract import contract, contracts, source

PROJECT = "dbt_project.yml"
CONTRACTS = "domains.yml"
_MODELS = {
    "staging/stg_{}": ("versions_of", "every version of each key that landed, withdrawals included"),
    "intermediate/int_{}_next": ("next_state_of", "the latest version, as the mart will have it"),
    "intermediate/int_{}_history_next": ("next_history_of", "every version with its time, as the history will have it"),
    "marts/{}": ("mart_of", "the latest version"),
    "marts/{}_history": ("history_of", "every version, and from when to when it counted"),
    "marts/{}_restatements": ("restatements_of", "each figure that a load changed after it was first reported"),
}
"""The models of a domain: where they stand below the models of the project, their macro, and what it gives of a key."""


@dataclass(frozen=True)
class DomainFile:
    """A new file, or a text for a file that is there, behind its first line `behind`.

    `path` counts from the directory of the dbt project.
    """

    path: str
    text: str
    behind: str | None = None

    @property
    def place(self) -> str:
        """Where it goes, in words."""
        return f"Behind the line `{self.behind}` of {self.path}" if self.behind else f"New file {self.path}"

    def applied(self, old: str) -> str:
        """The whole file, once the text is in it. Raises LookupError where the line is not there."""
        if not self.behind:
            return self.text
        before, line, after = old.partition(f"{self.behind}\n")
        if not line:
            raise LookupError(f"{self.path} has no line `{self.behind}`")
        return before + line + self.text + after


def domain_files(name: str, settings: Settings) -> list[DomainFile]:
    """The dbt files of a configured domain. Raises UnknownDomain and ConfigInvalid."""
    sources = load_data_sources(settings.data_sources_config)
    return files_of(load_domain(sources, name, settings.data_sources_config), settings.dbt_project)


def write_domain_files(name: str, settings: Settings) -> list[Path]:
    """Write the dbt files of a configured domain; gives their paths. Raises what `domain_files` and `write` raise."""
    return write(domain_files(name, settings), settings.dbt_project)


def files_of(domain: Domain, project: Path) -> list[DomainFile]:
    """The dbt files of a domain for the project in a directory. Whether they are there already is not looked at."""
    path = f"{_models(project)}/{CONTRACTS}"
    if (project / path).exists():
        of_contract = [DomainFile(path, contract(domain), "models:"), DomainFile(path, source(domain), "    tables:")]
    else:
        of_contract = [DomainFile(path, contracts([domain]))]
    return [*_calls(domain, project), *of_contract, DomainFile(PROJECT, f"    - {domain.config.table}\n", "  domains:")]


def files_of_all(settings: Settings) -> list[DomainFile]:
    """The files of every domain that the dbt project of the configuration lists, each as a whole."""
    project, config = settings.dbt_project, settings.data_sources_config
    sources = load_data_sources(config)
    listed = (_content(project).get("vars") or {}).get("domains") or []
    domains = [load_domain(sources, name, config) for name in listed]
    calls = [file for domain in domains for file in _calls(domain, project)]
    return [*calls, DomainFile(f"{_models(project)}/{CONTRACTS}", contracts(domains))]


def write(files: Iterable[DomainFile], project: Path, *, renew: bool = False) -> list[Path]:
    """Write the files into the project in a directory; gives their paths.

    Raises DomainFileExists for a new file that exists, before it writes any, unless `renew`.
    """
    files = list(files)
    for file in files:
        if not file.behind and not renew and (project / file.path).exists():
            raise DomainFileExists(path=str(project / file.path))
    for file in files:
        path = project / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_text(encoding="utf-8") if file.behind else ""
        path.write_text(file.applied(old), encoding="utf-8")
    return [project / file.path for file in files]


def _calls(domain: Domain, project: Path) -> list[DomainFile]:
    models, table, key = _models(project), domain.config.table, ", ".join(domain.config.pk)
    return [
        DomainFile(
            f"{models}/{place.format(table)}.sql",
            f"-- One row per {key}: {what}.\n{{{{ {macro}('{table}') }}}}\n",
        )
        for place, (macro, what) in _MODELS.items()
    ]


def _models(project: Path) -> str:
    """Where the models of a project stand, the first of the paths that it names."""
    return str(_content(project)["model-paths"][0])


def _content(project: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((project / PROJECT).read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    used = load_settings().model_copy(update={"data_sources_config": Path(sys.argv[1])})
    write(files_of_all(used), used.dbt_project, renew=True)
