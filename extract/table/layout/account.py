"""The account of a published sheet that was read: its report, with a warning for all that was not understood."""

from collections.abc import Iterator

from extract.fields.numbers import Share
from extract.foreign import cut, shown
from extract.settings import SEEDS
from extract.table.layout.doubts import Doubts
from extract.table.layout.extraction import NO_FIGURES, LayoutExtraction
from extract.table.layout.header import Group
from extract.table.records.lookalikes import confusable_codes, seeded_codes
from extract.table.records.results import FileReport, FileResult, FileWarning
from extract.table.rows.kinds import Skip
from extract.table.sheet.extraction import NOTE
from extract.wording import Sentence, counted
from extract.workbook.cells import display

_SHOWN = 5
_MOST_TITLES = 1000


def laid_result(done: LayoutExtraction, size: int, note: str | None, rules: str) -> FileResult:
    """All that a sheet gave, once repeated keys are settled; `note` tells how the workbook was read."""
    reading, first = done.reading, done.tables[0]
    source = reading.source
    used = {index for table in done.tables for index in table.header.used}
    names = dict.fromkeys(
        name for table in done.tables for index, name in enumerate(table.header.names) if name and index not in used
    )
    months = {f"{month:%Y-%m}": count for month, count in sorted(done.months.items())}
    report = FileReport(
        data_source=source.data_source,
        path=str(source.path),
        period=source.period or (next(iter(done.months)) if len(done.months) == 1 else None),
        sha256=reading.sha256,
        size=size,
        modified_at=source.modified_at,
        sheet=done.sheet.name,
        header_row=first.header.row,
        rows_read=done.rows_read,
        rows_loaded=done.kept.count,
        rows_rejected=len(done.rejected),
        rows_skipped={skip.value: done.skipped[skip] for skip in Skip} | {NO_FIGURES: done.skipped[NO_FIGURES]},
        notes=tuple(_notes(done, note)),
        warnings=tuple(_warnings(done)),
        ignored_columns=tuple(names),
        missing_columns=tuple(dict.fromkeys(name for table in done.tables for name in table.header.missing)),
        title_rows=tuple(f"{title.place}: {cut(title.text, NOTE)}" for table in done.tables for title in table.titles)[
            :_MOST_TITLES
        ],
        months=months,
        remarks=tuple(done.remarks[code] for code in sorted(done.remarks)),
        rules=rules,
        sheet_rows=done.sheet_rows,
        records_rejected=done.records_rejected,
    )
    return FileResult(
        report=report,
        records="".join(done.kept.lines).encode(),
        rejected=tuple(done.rejected[number] for number in sorted(done.rejected)),
        odd_codes=done.code_watch.odd,
    )


def _notes(done: LayoutExtraction, note: str | None) -> Iterator[str]:
    if note:
        yield note
    for number, table in enumerate(done.tables, start=1):
        if len(done.tables) > 1:
            yield Sentence(
                "table {number} has its header in rows {first} to {last}",
                number=number,
                first=table.header.first_row,
                last=table.header.row,
            )
        for name, placed in table.values.items():
            yield f"{name}: {shown(display(placed.value))} ({placed.place})"
        for field in done.reading.domain.cell_fields:
            if over := [group.values[field.name] for group in table.header.groups if field.name in group.values]:
                ends = Sentence("{first} to {last}", first=over[0].place, last=over[-1].place)
                yield Sentence(
                    "{field}: {count} values of the header ({cells})",
                    field=field.name,
                    count=len(over),
                    cells=ends if len(over) > 1 else over[0].place,
                )
        yield from table.units.notes
    yield from done.notes


def _warnings(done: LayoutExtraction) -> Iterator[FileWarning]:
    for table in done.tables:
        header = table.header
        for name in header.missing:
            detail = Sentence("no column of {name} in the header {range}: it is null", name=name, range=header.range)
            yield FileWarning("column_missing", detail)
        for name in sorted({name for group in header.groups for name in group.columns} - header.columns.keys()):
            if lacking := [_first_place(group) for group in header.groups if name not in group.columns]:
                cells = counted(lacking, _SHOWN)
                detail = Sentence("no column of {name} beside {cells}: it is null there", name=name, cells=cells)
                yield FileWarning("column_missing", detail)
        if header.unread:
            places = [f"{text.place} ({shown(display(text.cell))})" for text in header.unread]
            cells = counted(places, _SHOWN)
            detail = Sentence("{cells} stand where the header has values, and are none: not read", cells=cells)
            yield FileWarning("header_not_read", detail)
        if table.units.unread:
            places = [f"{text.place} ({shown(text.text)})" for text in table.units.unread]
            cells = counted(places, _SHOWN)
            detail = Sentence("{cells} may state a unit, and no field declares it in unit_powers", cells=cells)
            yield FileWarning("unit_not_read", detail)
    yield from _unit_warnings(done)
    if done.outside:
        cells = counted(done.outside, _SHOWN)
        detail = Sentence("{cells}: rows outside the tables that look like records are not read", cells=cells)
        yield FileWarning("rows_outside", detail)
    yield from _doubts(done.doubts)
    for name in sorted(done.code_watch.doubtful):
        position = done.reading.domain.config.pk.index(name)
        codes = (key.split("\t")[position] for key in done.kept.keys())  # noqa: SIM118  # it is no dict
        if warning := confusable_codes(name, codes, seeded_codes(SEEDS, name)):
            yield warning
    if done.rows_read == done.skipped.total():
        yield FileWarning("no_rows", Sentence("the sheet holds no record; nothing is loaded from it"))


def _doubts(doubts: Doubts) -> Iterator[FileWarning]:
    """What was read, or left unread, and is in doubt."""
    if doubts.without_figures:
        cells = counted(doubts.without_figures, _SHOWN)
        detail = Sentence("{cells}: rows without a figure; see that they are no headings or notes", cells=cells)
        yield FileWarning("no_figures", detail)
    if doubts.totals:
        cells = counted(doubts.totals, _SHOWN)
        detail = Sentence(
            "{cells} begin like labels of totals and are read as records: name them in summary_labels if they are none",
            cells=cells,
        )
        yield FileWarning("label_like_total", detail)
    if doubts.unnamed:
        cells = counted(doubts.unnamed, _SHOWN)
        detail = Sentence("{cells}: figures in columns over which nothing stands are not read", cells=cells)
        yield FileWarning("header_not_read", detail)
    if doubts.merged:
        cells = counted(doubts.merged, _SHOWN)
        detail = Sentence("{cells}: a merged figure stands in the first of its cells alone", cells=cells)
        yield FileWarning("measure_merged", detail)


def _unit_warnings(done: LayoutExtraction) -> Iterator[FileWarning]:
    """Shares of which no unit is stated and whose size leaves it in doubt (rules.md, Units)."""
    for field in done.reading.domain.cell_fields:
        if not isinstance(field.type, Share):
            continue
        tallies = [table.context.tally[field.name] for table in done.tables if field.name in table.context.tally]
        fractions, percentages = (sum(getattr(one, kind) for one in tallies) for kind in ("fractions", "percentages"))
        if fractions and percentages:
            detail = Sentence(
                "of the plain numbers of {name}, {fractions} up to 1 were read as fractions and {percentages} "
                "beyond 1 as percentages: say which they are by units: {{{name}: percent}} (or fraction)",
                name=field.name,
                fractions=fractions,
                percentages=percentages,
            )
            yield FileWarning("ambiguous_unit", detail)
        elif sum(one.large for one in tallies) * 2 >= fractions + percentages > 0 and not any(
            one.stated for one in tallies
        ):
            detail = Sentence(
                "no unit is stated for {name}, and half of its plain numbers are beyond 0.1 in size: see that "
                "they are fractions, and say so by units: {{{name}: fraction}} (or percent)",
                name=field.name,
            )
            yield FileWarning("unit_unclear", detail)


def _first_place(group: Group) -> str:
    return min(group.columns.values(), key=lambda column: column.index).place
