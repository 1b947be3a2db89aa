"""`new-domain`: a domain proposed from a workbook, tried on that workbook, and written as files to be reviewed."""

import keyword
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from extract.commands import shown_path
from extract.config import DataSources, load_data_sources
from extract.domains.models import model_names
from extract.domains.registry import Domain, load_domain
from extract.errors.base import DataError, WorkDataHubError
from extract.errors.files import FileMissing
from extract.errors.proposals import DomainFileExists, DomainNameUnusable
from extract.errors.workbook import ReaderCrashed, ReaderFailed
from extract.files.discovery import named_files
from extract.observer import Silent
from extract.proposals.naming import is_free
from extract.proposals.proposal import Proposal, propose
from extract.proposals.texts import Places, entry_text, model_text, test_of, with_entry
from extract.settings import CONFIGURATION, ROOT, Settings
from extract.table.reading import ReadOptions
from extract.table.records.results import FileReport
from extract.workers import Bug, Crash, IsolatedMap, Send
from orchestrate.dbt.domain_files import PROJECT, files_of
from orchestrate.executors import Readers
from orchestrate.reading import read, read_options

_NAME = re.compile("[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True)
class NewFile:
    """A file of the domain: its whole `text`, and what of it is new (all of it, where the file is)."""

    path: Path
    text: str
    added: str
    is_new: bool


@dataclass(frozen=True)
class NewDomain:
    """A proposal with its files, and how the workbook reads by it. `error`: it does not, so nothing was written."""

    proposal: Proposal
    files: tuple[NewFile, ...]
    reports: tuple[FileReport, ...]
    error: WorkDataHubError | None
    written: bool
    command: tuple[str, ...]
    """What plans the workbook by the new domain."""


def new_domain(name: str, workbook: Path, sheet: str | None, settings: Settings, *, dry_run: bool) -> NewDomain:
    """Propose the domain `name` from a workbook, try it, and unless `dry_run` write its files: all of them or none.

    Raises DomainNameUnusable, DomainFileExists, FileMissing, ConfigInvalid, NothingToPropose and the errors of a
    workbook that cannot be read.
    """
    sources = load_data_sources(settings.data_sources_config)
    _check_name(name, sources, settings.data_sources_config.parent)
    if not workbook.is_file():
        raise FileMissing(path=str(workbook))
    options = read_options(sources, settings, sheet, frozenset())
    known = [load_domain(sources, other, settings.data_sources_config) for other in sources.domains]
    proposal = _proposed(name, workbook, options, known)
    configuration = settings.data_sources_config.read_text(encoding="utf-8-sig")
    entry, model = entry_text(proposal), model_text(proposal)
    changed = with_entry(configuration, entry, str(settings.data_sources_config))
    with tempfile.TemporaryDirectory(prefix="workdatahub-") as folder:
        tried = Path(folder) / settings.data_sources_config.name
        tried.write_text(changed, encoding="utf-8")
        (Path(folder) / f"{name}.py").write_text(model, encoding="utf-8")
        domain = load_domain(load_data_sources(tried), name, tried)
        reports, error = _read(domain, workbook, options)
        files = [
            NewFile(_model_path(name, settings), model, model, is_new=True),
            NewFile(settings.data_sources_config, changed, entry, is_new=False),
            _test_file(proposal, workbook, settings, reports),
            *_dbt_files(domain, settings),
        ]
    if taken := next((file.path for file in files if file.is_new and file.path.exists()), None):
        raise DomainFileExists(path=str(taken))
    written = not (dry_run or error)
    for file in files if written else ():
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding="utf-8", newline="\n")
    config = () if _is_default(settings) else ("--config", shown_path(settings.data_sources_config))
    command = ("python", "run.py", *config, "--domain", name, "--file", shown_path(workbook))
    return NewDomain(proposal, tuple(files), reports, error, written, command)


def _check_name(name: str, sources: DataSources, folder: Path) -> None:
    problem = None
    if not _NAME.fullmatch(name):
        problem = "it must begin with a small letter and hold small letters, digits and _ only, 41 at most"
    elif keyword.iskeyword(name) or name.startswith("test_"):
        problem = "it means something to Python or to its tests"
    elif name in sources.domains:
        problem = "the configuration holds a domain of that name"
    elif name in model_names(folder) or name in ("base", "models", "registry"):
        problem = "there is a module of that name"
    elif not is_free(name, ()):
        problem = "a column of its tables has that name, or something of every model"
    elif name in {domain.table for domain in sources.domains.values()}:
        problem = "a domain has a table of that name"
    if problem:
        raise DomainNameUnusable(name=name, problem=problem)


def _proposed(name: str, workbook: Path, options: ReadOptions, known: Sequence[Domain]) -> Proposal:
    """The proposal, made in a process of its own, since a reader may crash over a workbook."""
    today = date.today()  # noqa: DTZ011  # the calendar of the user
    work = partial(_attempt, name=name, options=options, known=known, today=today)
    with IsolatedMap(work, [workbook], 1, options.limits) as answers:
        (result,) = [answer.result for answer in answers]
    if isinstance(result, Crash):
        raise ReaderCrashed(file=workbook.name, problem=result.problem)
    if isinstance(result, Bug):
        raise ReaderFailed(file=workbook.name, problem=result.problem, frames=result.frames)
    if isinstance(result, DataError):
        raise result
    return result


def _attempt(
    workbook: Path, _send: Send, *, name: str, options: ReadOptions, known: Sequence[Domain], today: date
) -> Proposal | DataError:
    try:
        return propose(name, workbook, options, known, today)
    except DataError as error:
        return error


def _read(
    domain: Domain, workbook: Path, options: ReadOptions
) -> tuple[tuple[FileReport, ...], WorkDataHubError | None]:
    """How the workbook reads by the proposal, and why it does not."""
    found = named_files([workbook], workbook.parent, domain.config)
    with read(found, domain, options, Readers(1), Silent()) as extraction:
        errors = extraction.errors
        return tuple(file.report for file in extraction.files), errors[0] if errors else None


def _is_default(settings: Settings) -> bool:
    return settings.data_sources_config.resolve() == CONFIGURATION


def _model_path(name: str, settings: Settings) -> Path:
    folder = ROOT / "extract" / "domains" if _is_default(settings) else settings.data_sources_config.parent
    return folder / f"{name}.py"


def _test_file(proposal: Proposal, workbook: Path, settings: Settings, reports: Sequence[FileReport]) -> NewFile:
    """The test of the domain: in the tests of the project, or beside another configuration."""
    if _is_default(settings):
        folder, base, expression = ROOT / "tests" / "domains", ROOT, "Path(__file__).resolve().parents[2]"
    else:
        folder = base = settings.data_sources_config.parent.resolve()
        expression = "Path(__file__).resolve().parent"
    real = workbook.resolve()
    places = Places(
        expression,
        settings.data_sources_config.resolve().relative_to(base).as_posix(),
        real.relative_to(base).as_posix() if real.is_relative_to(base) else real.name,
    )
    loaded, rejected = (sum(getattr(report, part) for report in reports) for part in ("rows_loaded", "rows_rejected"))
    text = test_of(proposal, places, loaded=loaded, rejected=rejected)
    return NewFile(folder / f"test_{proposal.name}.py", text, text, is_new=True)


def _dbt_files(domain: Domain, settings: Settings) -> Iterator[NewFile]:
    """The dbt files of the domain; what goes into files that are there is put together for each of them.

    None where no dbt project lies beside a configuration of one's own.
    """
    project = settings.dbt_project
    if not (project / PROJECT).is_file():
        return
    whole: dict[Path, tuple[str, str, bool]] = {}
    for file in files_of(domain, project):
        path = project / file.path
        is_new = not file.behind
        old, added, is_new = whole.get(path) or ("" if is_new else path.read_text(encoding="utf-8"), "", is_new)
        whole[path] = file.applied(old), added + file.text, is_new
    for path, (text, added, is_new) in whole.items():
        yield NewFile(path, text, added, is_new)
