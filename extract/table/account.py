"""The account of a sheet that was read: its report, its warnings, and what its units make of it.

Rule: rules.md, Where people state things elsewhere, Units and Rows, which name the codes of the warnings.
"""

import re
from collections.abc import Iterator

from extract.domains.registry import Domain
from extract.errors.base import DataError
from extract.errors.layout import RequiredColumnMissing
from extract.errors.table import AmbiguousUnit, UnitUnclear
from extract.fields.numbers import Number, Share
from extract.foreign import cut, shown
from extract.settings import SEEDS
from extract.table.header.comments import row_of_comment, said_place
from extract.table.records.lookalikes import confusable_codes, seeded_codes
from extract.table.records.results import FileReport, FileResult, FileWarning
from extract.table.rows.kinds import Skip
from extract.table.sheet.extraction import NOTE, SheetExtraction
from extract.table.sheet.tables import table_of
from extract.table.statements.units import Text, UnitReader
from extract.table.warnings.chart_titles import doubtful_charts, is_of_chart
from extract.table.warnings.figures import figure_warnings
from extract.table.warnings.periods import period_warnings
from extract.table.warnings.shown import shown_warnings
from extract.table.warnings.units import states_otherwise, unit_warnings
from extract.wording import Sentence, counted
from extract.workbook.cells import address, column_letter, display

_SHOWN = 3
_FORMULA = re.compile("=(?!=)")
_MOST_TITLES = 1000
_MOST_REJECTED = 50
_REQUIRED: dict[str, type[AmbiguousUnit | UnitUnclear]] = {"ambiguous_unit": AmbiguousUnit, "unit_unclear": UnitUnclear}


def result_of(done: SheetExtraction, size: int, note: str | None, rules: str) -> FileResult:
    """All that a sheet gave, once repeated keys are settled; `note` tells how the workbook was read."""
    reading, first = done.reading, done.tables[0]
    source, mended = reading.source, reading.mended
    unnamed = sorted({index for table in done.tables for index in table.unnamed})
    ignored = dict.fromkeys(name for table in done.tables for name in table.header.ignored)
    report = FileReport(
        data_source=source.data_source,
        path=source.location,
        period=source.period,
        sha256=reading.sha256,
        size=size,
        modified_at=source.modified_at,
        sheet=done.sheet.name,
        header_row=first.header.row,
        rows_read=done.rows_read,
        rows_loaded=len(done.lines) - done.lines.count(""),
        rows_rejected=len(done.rejected),
        rows_skipped={skip.value: done.skipped[skip] for skip in Skip},
        notes=tuple(_notes(done, note)),
        warnings=tuple(_warnings(done)),
        ignored_columns=(*ignored, *(f"(no header, column {column_letter(index)})" for index in unnamed)),
        missing_columns=tuple(dict.fromkeys(name for table in done.tables for name in table.header.missing)),
        title_rows=tuple(f"{title.place}: {cut(title.text, NOTE)}" for title in first.header.titles[:_MOST_TITLES]),
        period_from_name=_period_from_name(done),
        months={f"{month:%Y-%m}": count for month, count in sorted(done.months.items())},
        remarks=tuple(done.remarks[code] for code in sorted(done.remarks)),
        rules=rules,
        mends=mended.data_source if mended else None,
        mended=_settled(done),
    )
    return FileResult(
        report=report,
        records="".join(done.lines).encode(),
        rejected=tuple(done.rejected[number] for number in sorted(done.rejected)),
        odd_codes=done.code_watch.odd,
    )


def _settled(done: SheetExtraction) -> tuple[str, ...]:
    """The rejects that rows of a sheet settle: the mended rows that are loaded, or the same as one that is."""
    if done.reading.mended is None:
        return ()
    origins = done.reading.mended.origins
    loaded = [number for number, line in zip(done.line_rows, done.lines, strict=True) if line]
    return tuple(sorted({origins[number].reject_id for number in [*loaded, *done.duplicates] if number in origins}))


def unit_failure(result: FileResult, required: bool) -> DataError | None:
    """The error that a warning about units amounts to where the configuration requires them."""
    report = result.report
    for warning in report.warnings if required else ():
        if kind := _REQUIRED.get(warning.code):
            return kind(file=report.data_source, sheet=report.sheet, detail=warning.detail)
    return None


def required_failure(report: FileReport, domain: Domain) -> DataError | None:
    """The error about a measure that must have a column and has none."""
    missing = [field for field in domain.cell_fields if field.required_column and field.name in report.missing_columns]
    if not missing:
        return None
    headers = [header for part in missing[0].type.inputs(missing[0].name) for header in part.headers]
    return RequiredColumnMissing(
        file=report.data_source,
        sheet=report.sheet,
        header_row=report.header_row,
        field=missing[0].name,
        headers=", ".join(map(shown, headers)),
    )


def _period_from_name(done: SheetExtraction) -> bool:
    """Whether no column of the sheet names the period, so that the file name gives it."""
    fields = done.reading.domain.cell_fields
    periods = [field.name for field in fields if field.type.is_period]
    sources = done.tables[0].header.sources
    return done.reading.source.period is not None and any(name not in sources for name in periods)


def _notes(done: SheetExtraction, note: str | None) -> Iterator[str]:
    if note:
        yield note
    if _period_from_name(done):
        month = f"{done.reading.source.period:%Y-%m}"
        yield Sentence("no period column: the period {month} is that of the file name", month=month)
    for table in done.tables:
        yield from table.header.unit_notes
    yield from done.notes
    mended = done.reading.mended
    if mended and mended.data_source:
        settled = len(_settled(done))
        yield Sentence(
            "{settled} of {rejected} rejected rows of {workbook} mended, {left} still open",
            settled=settled,
            rejected=mended.rejected,
            workbook=mended.data_source,
            left=mended.rejected - settled,
        )


def _warnings(done: SheetExtraction) -> Iterator[FileWarning]:
    for field in done.reading.domain.cell_fields:
        if isinstance(field.type, Share):
            yield from unit_warnings(done, field.name, field.type)
        if isinstance(field.type, Number):
            yield from figure_warnings(done, field.name, field.type)
    yield from period_warnings(done, by_columns=not _period_from_name(done))
    yield from _unread_units(done)
    yield from _uncalculated_titles(done)
    yield from shown_warnings(done)
    for name in sorted(done.code_watch.doubtful):
        position = done.reading.domain.config.pk.index(name)
        codes = (key.split("\t")[position] for key in done.keys())  # noqa: SIM118  # it is no dict
        if warning := confusable_codes(name, codes, seeded_codes(SEEDS, name)):
            yield warning
    yield from done.code_watch.unlike()
    yield from _without_measures(done)
    mended = done.reading.mended
    lost = sorted({*done.line_rows, *done.duplicates, *done.rejected} - mended.origins.keys()) if mended else []
    if lost:
        detail = Sentence(
            "rows {rows} bear no id of a reject, or one that is not that of the sheet and row "
            "beside it: they count as rows of this workbook, and the rejects that they may have been stay open",
            rows=counted(list(map(str, lost)), _SHOWN),
        )
        yield FileWarning("origin_unknown", detail)
    if merged := _merged_measures(done):
        cells = ", ".join(merged[:_SHOWN])
        detail = Sentence("{cells}: a figure merged over several rows stands in the first of them alone", cells=cells)
        yield FileWarning("measure_merged", detail)
    if done.rows_read == done.skipped.total():
        yield FileWarning("no_rows", Sentence("the sheet holds no data row; nothing is loaded from it"))


def _unread_units(done: SheetExtraction) -> Iterator[FileWarning]:
    """Texts around the tables that name a unit of amounts and are no statement that this program knows."""
    units = UnitReader(done.reading.names, done.reading.source.data_source, done.sheet.name)
    texts = [Text("name of the sheet", done.sheet.name), Text("name of the file", done.reading.source.stem)]
    for table in done.tables:
        texts += [*table.header.titles, *table.later_titles, *table.below.values()]
    until = done.tables[0].header.row
    beside = [Text(place, text) for place, text in done.sheet.marks.beside.items() if not is_of_chart(place)]
    remarks = {text for table in done.tables for text in (*table.unread.remarks.said.values(), *table.header.remarks)}
    remarks.update((*_rejected_texts(done), *(charts := list(doubtful_charts(done, units)))))
    for text in dict.fromkeys([*texts, *beside, *sorted(remarks, key=lambda text: text.place)]):
        unapplied = text in remarks or (row_of_comment(text) or 0) > until
        if (
            units.passes_over(text.text)
            or (unapplied and states_otherwise(units, text.text, done.tables))
            or text in charts
        ):
            detail = Sentence(
                "{place} ({text}) names a unit that was not applied: if it is one, say 单位：万元",
                place=said_place(text.place),
                text=shown(text.text),
            )
            yield FileWarning("unit_not_read", detail)


def _uncalculated_titles(done: SheetExtraction) -> Iterator[FileWarning]:
    """Titles that are formulas without a value; a line of `===` is none."""
    for title in done.tables[0].header.titles:
        if _FORMULA.match(title.text):
            detail = Sentence(
                "{place} ({text}) was never calculated: see that it states no unit and no other month",
                place=said_place(title.place),
                text=shown(title.text),
            )
            yield FileWarning("title_not_calculated", detail)


def _rejected_texts(done: SheetExtraction) -> Iterator[Text]:
    """The texts in the columns of measures of the first rejected rows: one may say in which unit the others are."""
    for number in sorted(done.rejected)[:_MOST_REJECTED]:
        table = table_of(done.tables, number)
        cells = done.rejected[number].cells
        for index in table.screen.figure_columns if table else ():
            if isinstance(cells[index], str):
                yield Text(address(number, index), display(cells[index]))


def _without_measures(done: SheetExtraction) -> Iterator[FileWarning]:
    """Tables with rows and no column of any measure, as where the months stand side by side."""
    measures = done.reading.domain.measures
    for table in done.tables:
        if table.first_taken and measures and not set(measures) & table.header.sources.keys():
            detail = Sentence(
                "the table below row {row} has no column of {measures}: its rows are loaded without a figure",
                row=table.header.row,
                measures=", ".join(measures),
            )
            yield FileWarning("column_missing", detail)


def _merged_measures(done: SheetExtraction) -> list[str]:
    """The ranges of measures that are merged over several rows."""
    found = []
    for (first_row, first), (last_row, last) in done.sheet.merges:
        table = table_of(done.tables, first_row)
        if table and last_row > first_row > table.header_until:
            measures = {table.header.first_column[name].index for name in done.reading.domain.measures
                        if name in table.header.sources}  # fmt: skip
            if measures & set(range(first, last + 1)):
                found.append(f"{address(first_row, first)}:{address(last_row, last)}")
    return found
