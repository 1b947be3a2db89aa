"""`run.py export`: the marts of a month as a workbook for Excel; the same marts give the same bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from extract.database.targets import database_target
from extract.errors.plan import DiskFailed
from extract.errors.warehouse import ExportRefused
from extract.files.versions import PeriodRange
from extract.settings import Settings
from extract.spreadsheet import Book, Column, Line, Page, Tint, Value
from extract.steps import timed_step
from extract.wording import Sentence, again, heading, language, say
from orchestrate.dbt.project import parsed_beside
from orchestrate.warehouse.figures import Failures, Field, Figures, Table, read_figures

SUFFIX = ".xlsx"
_SHARES = ("return", "rate", "drawdown", "coverage")
"""Words in the name of a numeric column whose figures are shares of 1, and read as per cent."""
_WIDEST, _NARROWEST = 44, 9


@dataclass(frozen=True)
class Exported:
    """A workbook that was written: where, of which database, and what it holds."""

    path: Path
    database: str
    figures: Figures


def export(settings: Settings, path: Path, months: PeriodRange | None, marts: tuple[str, ...]) -> Exported:
    """Write the marts of some months (by default of the newest) to an xlsx, in place of one that is there.

    Raises ExportRefused, MartUnknown, NothingPublished, DiskFailed, and the errors of the database and the project.
    """
    if path.suffix.lower() != SUFFIX or path.is_dir() or not path.absolute().parent.is_dir():
        raise ExportRefused(path=str(path))
    target = database_target(settings)
    with timed_step("exported") as fields, parsed_beside(settings, target, settings.dbt_project) as project:
        figures = read_figures(target, project.manifest, months, marts)
        fields |= {table.name: len(table.rows) for table in figures.marts}
        _write(figures_workbook(figures), path)
    return Exported(path, target.label, figures)


def figures_workbook(figures: Figures) -> bytes:
    """The bytes of the workbook."""
    footer = say(
        "Batch {batch}, {tested}, months {first} to {last}",
        batch=figures.published.batch_id,
        tested=_tested(figures),
        first=f"{figures.months.first:%Y-%m}",
        last=f"{figures.months.last:%Y-%m}",
    )
    book = Book(footer)
    _notes(book.page(say("Notes"), footer), figures)
    for mart in figures.marts:
        page = book.page(mart.name, footer)
        page.table([_column(field, mart) for field in mart.fields], map(Line, mart.rows), alone=True)
    if figures.failures:
        _tests(book.page(say("Tests"), footer), figures)
    return book.close()


def _write(content: bytes, path: Path) -> None:
    working = path.with_name(f".{path.name}.tmp")
    try:
        working.write_bytes(content)
        working.replace(path)
    except OSError as error:
        working.unlink(missing_ok=True)
        raise DiskFailed(path=str(path), problem=error.strerror or str(error)) from None


def _tested(figures: Figures) -> str:
    return say("tested") if figures.published.tested else say("not tested")


def _notes(page: Page, figures: Figures) -> None:
    """What these figures are: of which load, when published, tested or not; and how many rows each sheet has."""
    page.widths(34, 40, 12)
    page.heading(say("What these figures are"))
    page.pairs(
        (
            (say("Database"), again(figures.database)),
            (say("First month"), f"{figures.months.first:%Y-%m}"),
            (say("Last month"), f"{figures.months.last:%Y-%m}"),
            (say("Newest batch in them"), figures.published.batch_id),
            (say("Published"), figures.published.published_at),
            (say("Tests"), _tested(figures)),
            (say("Build"), figures.published.invocation_id),
        )
    )
    if not figures.published.tested:
        page.note(say("These figures were published without their tests: run `dbt build`"), Tint.WRONG)
    page.heading(say("Sheets"))
    columns = [Column(say("Sheet")), Column(say("Loads (batch ids)")), Column(say("Rows"), number="#,##0")]
    page.table(columns, (Line((mart.name, _batches(mart), len(mart.rows))) for mart in figures.marts))
    for mart in figures.marts:
        if mart.more:
            page.note(say("{more:,} more rows of {mart} did not fit", more=mart.more, mart=mart.name), Tint.WRONG)


def _batches(mart: Table) -> str | None:
    """The batches that the rows of a mart come from, where it tells."""
    for index, field in enumerate(mart.fields):
        if field.name == "batch_id":
            return ", ".join(map(str, sorted({int(str(row[index])) for row in mart.rows if row[index] is not None})))
    return None


def _column(field: Field, mart: Table) -> Column:
    return Column(heading(field.name), _width(field, mart), _number(field))


def _width(field: Field, mart: Table) -> int:
    position = mart.fields.index(field)
    longest = max((len(str(row[position])) for row in mart.rows[:200] if row[position] is not None), default=0)
    return min(_WIDEST, max(_NARROWEST, longest + 2, min(len(field.name), 18) + 3))


def _number(field: Field) -> str:
    if field.places is None:
        return "0" if field.name.endswith("_id") or field.name == "source_row" else "#,##0"
    if field.places >= 4 and any(word in field.name for word in _SHARES):
        return f"0.{'0' * (field.places - 2)}%"
    return f"#,##0.{'0' * field.places}" if field.places else "#,##0"


def _tests(page: Page, figures: Figures) -> None:
    """Each row that a test found, under what the test means and what to do."""
    titles = ((say("Test"), 40), (say("Kind"), 9), (say("What it means"), 50), (say("What to do"), 50),
              (say("Row"), 70))  # fmt: skip
    page.table([Column(title, width) for title, width in titles], _failing(figures.failures), alone=True)


def _failing(failures: tuple[Failures, ...]) -> Iterator[Line]:
    for failure in failures:
        warns = failure.severity == "warn"
        meaning = _meaning(failure)
        remedy = (
            say("Look at the rows: where they are right, nothing needs to be done")
            if warns
            else say("Mend the workbook and load it again, or take the load out by `python run.py undo BATCH`")
        )
        for row in failure.table.rows:
            tint = Tint.CHANGED if warns else Tint.WRONG
            kind = say("warning") if warns else say("error")
            yield Line((failure.test, kind, meaning, remedy, _told(failure.table, row)), tints=[tint])


def _told(table: Table, row: Sequence[Value]) -> str:
    values = zip(table.fields, row, strict=True)
    return ", ".join(f"{heading(field.name)} {value}" for field, value in values if value is not None)


def _meaning(failure: Failures) -> str:
    """What the project says of a test, where it says it in the language of the reader."""
    meaning = Sentence(failure.description).said()
    if meaning and (language() == "en" or meaning != failure.description):
        return meaning
    return say("Rows that the test {test} does not allow", test=failure.test)
