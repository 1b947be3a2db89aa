"""What texts around the tables say of the time of the figures, other than the file name and the columns do.

Rule: rules.md, report_date and Where people state things elsewhere (`period_conflict`, `other_span`).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from extract.foreign import shown
from extract.table.header.comments import boxes_above, said_place
from extract.table.records.results import FileWarning
from extract.table.sheet.extraction import SheetExtraction
from extract.table.statements.names import normal_header
from extract.table.statements.spans import other_spans
from extract.table.statements.titles import OF_BEGINNING, OF_CHANGE, days_before, other_months
from extract.table.statements.units import Text
from extract.wording import Sentence
from extract.workbook.drawings import COMMENT, PRINTED


def period_warnings(done: SheetExtraction, *, by_columns: bool) -> Iterator[FileWarning]:
    """Texts that name another month, or say that the figures are not those of it. `by_columns`: columns tell it."""
    period, titles, notes = done.reading.period, _titles(done), _notes(done)
    dated = [note for note in notes if not OF_CHANGE.search(normal_header(note.text))]
    if period:
        yield from _against_name(titles, dated, period, by_columns=by_columns)
        for cell, month in [far for table in done.tables for far in table.unread.far_months]:
            yield _warning(cell, f"{month:%Y-%m}", f"{period:%Y-%m}", by_columns=by_columns)
    elif done.months:
        yield from _against_rows(done, [*titles, *dated])
    name = Text("name of the file", done.reading.source.stem)
    for title, said in other_spans([*titles, name], notes, period):
        detail = Sentence(
            "{place} ({text}) says {said}: see that the figures are those of the month",
            place=said_place(title.place),
            text=shown(title.text),
            said=said,
        )
        yield FileWarning("other_span", detail)


def _titles(done: SheetExtraction) -> list[Text]:
    titles = [title for table in done.tables for title in (*table.header.titles, *table.later_titles)]
    titles += boxes_above(done.sheet.marks.beside, done.tables[0].header.row)
    return [*titles, Text("name of the sheet", done.sheet.name)]


def _notes(done: SheetExtraction) -> list[Text]:
    """The texts among and below the rows, comments, page headers, and what rows say in columns that are not read."""
    below = [text for table in done.tables for text in table.below.values()]
    beside = [Text(place, text) for place, text in done.sheet.marks.beside.items()]
    beside = [text for text in beside if text.place.startswith(COMMENT) or text.place == PRINTED]
    beside = [text for text in beside if not OF_BEGINNING.search(normal_header(text.text))]
    return [*below, *beside, *(text for table in done.tables for text in table.unread.remarks.times.values())]


def _against_name(
    titles: Sequence[Text], notes: Sequence[Text], period: date, *, by_columns: bool
) -> Iterator[FileWarning]:
    """Texts that name another month than the file name; a title that does so where no column tells it is an error."""
    for text, days in days_before([*titles, *notes], period):
        yield _warning(text, ", ".join(f"{day}" for day in days), f"{period:%Y-%m}", by_columns=by_columns)
    for text, months in other_months([*titles, *notes] if by_columns else notes, period):
        named = ", ".join(f"{month:%Y-%m}" for month in months)
        yield _warning(text, named, f"{period:%Y-%m}", by_columns=by_columns)


def _warning(title: Text, named: str, month: str, *, by_columns: bool) -> FileWarning:
    gaps = {"place": said_place(title.place), "text": shown(title.text), "named": named, "month": month}
    detail = (
        Sentence("{place} ({text}) names {named}, the file name {month}; columns count", **gaps)
        if by_columns
        else Sentence("{place} ({text}) names {named}, the file name {month}; the file name counts", **gaps)
    )
    return FileWarning("period_conflict", detail)


def _against_rows(done: SheetExtraction, texts: Iterable[Text]) -> Iterator[FileWarning]:
    """Texts that name a month which no row is of, where the file name gives none."""
    for text, months in other_months(texts, *sorted(done.months)):
        detail = Sentence(
            "{place} ({text}) names {named}, of which no row is: the columns count",
            place=said_place(text.place),
            text=shown(text.text),
            named=", ".join(f"{month:%Y-%m}" for month in months),
        )
        yield FileWarning("period_conflict", detail)
