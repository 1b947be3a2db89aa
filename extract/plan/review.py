"""plan.xlsx: what a reviewer reads, prints and signs: the summary, the month before, the changes, rejects and guards.

It is made of the other files of the plan alone, so `apply --diff` makes it again; it is no part of the seal, since it
bears the id of the plan.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any

from extract.guards import GUARDS
from extract.plan.month_before import DOUBTFUL, REMARKABLE
from extract.plan.remedies import remedy, warning_told
from extract.plan.seal import DIFF, REJECTS
from extract.spreadsheet import Book, Column, Line, Page, Tint, Value
from extract.wording import again, heading, language, say
from extract.words import word

MAX_LINES = 10_000
"""Changes and rejects that plan.xlsx shows; the csv files beside it have all."""
_CHANGES = {"new": Tint.NEW, "changed": Tint.CHANGED, "absent": Tint.GONE}
_COUNT = "#,##0"


def review_workbook(content: Mapping[str, Any], directory: Path, measures: frozenset[str]) -> bytes:
    """The bytes of plan.xlsx, from what plan.json holds and the csv files in `directory`.

    `measures` are the fields whose values are numbers. The same plan gives the same bytes. Raises OSError.
    """
    book = Book(say("Plan {id}", id=content["id"]))
    footer = say("Plan {id}", id=content["id"])
    _summary(book.page(say("Summary"), footer), content)
    diff = content.get("diff")
    if diff:
        _month_before(book, footer, diff["month_before"])
        _changes(book.page(say("Changes"), footer), directory / DIFF, measures)
    if content["totals"]["rows_rejected"]:
        _rejects(book.page(say("Rejects"), footer), directory / REJECTS)
    return book.close()


def _summary(page: Page, content: Mapping[str, Any]) -> None:
    totals, ready = content["totals"], content["status"] == "ready"
    page.widths(34, 40, 22, 18, 12, 12, 12, 12)
    page.heading(say("Plan of a load"))
    page.pairs(
        (
            (say("Id of the plan"), content["id"]),
            (say("Domain"), content["domain"]),
            (say("Mode"), content["mode"]),
            (say("State"), say("ready to be loaded") if ready else say("failed: it cannot be loaded")),
            (say("Workbooks"), totals["files"]),
            (say("Rows read"), totals["rows_read"]),
            (say("Rows to load"), totals["rows_loaded"]),
            (say("Rows rejected"), totals["rows_rejected"]),
            (say("Rows skipped"), sum(totals["rows_skipped"].values())),
            (say("Keys"), content["distinct_keys"]),
        )
    )
    for error in content["errors"]:
        page.note(f"{error['code']}: {again(error['message'])}", Tint.WRONG)
    _guards(page, content["accepted"])
    _compared(page, content.get("diff"))
    page.heading(say("Workbooks"))
    columns = (say("Workbook"), say("Sheet"), say("Month"), say("SHA-256"), say("Rows read"), say("Rows to load"),
               say("Rows rejected"), say("Rows skipped"))  # fmt: skip
    page.table([Column(name, number=_COUNT) for name in columns], map(_workbook, content["files"]))
    _remarks(page, content)
    page.heading(say("Release"))
    page.pairs([(say("Reviewed by"), "_" * 28), (say("Date"), "_" * 28), (say("Signature"), "_" * 28)])


def _workbook(file: Mapping[str, Any]) -> Line:
    values = (file["path"], file["sheet"], file["period"], file["sha256"][:16], file["rows_read"], file["rows_loaded"],
              file["rows_rejected"], sum(file["rows_skipped"].values()))  # fmt: skip
    return Line(values, tints=[Tint.NONE] * 6 + [Tint.WRONG if file["rows_rejected"] else Tint.NONE])


def _guards(page: Page, accepted: Sequence[str]) -> None:
    page.heading(say("Guards that were let pass"))
    for code in accepted:
        page.note(f"{code}: {again(GUARDS.get(code, ''))}", Tint.CHANGED)
    if not accepted:
        page.note(say("None"))


def _compared(page: Page, diff: Mapping[str, Any] | None) -> None:
    page.heading(say("Against what is published"))
    if diff is None:
        page.note(say("Not compared: run `python run.py apply PLAN --diff` to see what would change"))
        return
    fields = ", ".join(f"{name} {number:,}" for name, number in diff["changed_fields"].items())
    page.pairs(
        (
            (say("Compared with"), diff["compared_with"]),
            (say("New keys"), diff["new"]),
            (say("Changed keys"), diff["changed"]),
            (say("Changed values by field"), fields or say("None")),
            (say("Unchanged keys"), diff["unchanged"]),
            (say("Keys that the workbooks lack"), diff["absent"]),
        )
    )
    if batches := diff.get("batches_not_built"):
        text = say(
            "{table} lacks {batches} later loads: run `dbt build`, then compare again",
            table=diff["compared_with"],
            batches=batches,
        )
        page.note(text, Tint.WRONG)


def _remarks(page: Page, content: Mapping[str, Any]) -> None:
    """Warnings on workbooks and rows, and what was ignored or is missing."""
    lines = []
    for file in content["files"]:
        where = (file["path"], file["sheet"])
        lines += [Line((*where, item["code"], warning_told(item["code"], item["detail"]))) for item in file["warnings"]]
        lines += [
            Line(
                (*where, item["code"], say("{rows:,} rows, such as {first}", rows=item["rows"], first=item["first"][0]))
            )
            for item in file["row_warnings"]
        ]
        for code in ("missing_columns", "ignored_columns"):
            if file[code]:
                lines.append(Line((*where, code, ", ".join(file[code]))))
    if lines:
        page.heading(say("Warnings and remarks"))
        page.table([Column(name) for name in (say("Workbook"), say("Sheet"), say("Code"), say("What"))], lines)


def _month_before(book: Book, footer: str, month_before: Mapping[str, Any]) -> None:
    page = book.page(say("Month before"), footer)
    if why_not := month_before.get("why_not"):
        page.widths(100)
        page.note(again(why_not))
        return
    columns = (
        Column(say("Month"), 9),
        Column(say("Company"), 16),
        Column(say("Figure"), 18),
        Column(say("Kind"), 10),
        Column(say("Month before"), 20, "#,##0.######"),
        Column(say("This month"), 20, "#,##0.######"),
        Column(say("Factor"), 10, "0.00"),
        Column(say("Only before"), 28),
        Column(say("Only now"), 28),
    )
    page.table(columns, _figures(month_before["companies"]), alone=True)
    for gone in month_before["gone"]:
        page.note(
            say(
                "{period}: {number:,} companies of the month before are missing: {companies}",
                period=gone["period"],
                number=gone["number"],
                companies=", ".join(gone["companies"]),
            ),
            Tint.GONE,
        )


def _figures(companies: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for item in companies:
        where = (item["period"], item["company"])
        keys, moved = item["keys"], [_some(item[name]) for name in ("missing", "new")]
        yield _figure((*where, say("keys"), say("number")), str(keys["old"]), str(keys["new"]), keys["factor"], moved)
        for name, figure in item["measures"].items():
            if figure["old"] is not None or figure["new"] is not None:
                yield _figure(
                    (*where, heading(name), word(figure["kind"])),
                    figure["old"],
                    figure["new"],
                    figure["factor"],
                    ["", ""],
                )


def _figure(where: Sequence[str], old: str | None, new: str | None, factor: str | None, moved: list[str]) -> Line:
    size = Decimal(factor) if factor else Decimal(0)
    one_sided = factor is None and old != "0" and any(Decimal(value or 0) for value in (old, new))
    tint = Tint.WRONG if size > DOUBTFUL else Tint.CHANGED if size > REMARKABLE or one_sided else Tint.NONE
    numbers = [None if text is None else Decimal(text) for text in (old, new, factor)]
    return Line((*where, *numbers, *(text or None for text in moved)), tints=[Tint.NONE] * 4 + [tint] * 3)


def _some(keys: Mapping[str, Any]) -> str:
    more = keys["number"] - len(keys["keys"])
    named = ", ".join(keys["keys"])
    return say("{named} and {more:,} more", named=named, more=more) if more else named


def _changes(page: Page, path: Path, measures: frozenset[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        places = {name: header.index(name) for name in ("field", "old", "new")}
        columns = [Column(heading(name), 26 if name == "data_source" else 15, "#,##0.######") for name in header]
        shown = page.table(columns, (_change(row, places, measures) for row in islice(reader, MAX_LINES)), alone=True)
        more = sum(1 for _ in reader)
    if not shown:
        page.note(say("Nothing would change."))
    if more:
        page.note(say("{more:,} more lines stand in {file}", more=more, file=DIFF))


def _change(row: Sequence[str], places: Mapping[str, int], measures: frozenset[str]) -> Line:
    values: list[Value] = [text or None for text in row]
    for name in ("old", "new"):
        if row[places["field"]] in measures:
            values[places[name]] = _number(row[places[name]])
    values[0] = word(row[0])
    return Line(values, tint=_CHANGES.get(row[0], Tint.NONE))


def _number(text: str) -> Value:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return text


def _rejects(page: Page, path: Path) -> None:
    titles = (say("Workbook"), say("Sheet"), say("Row"), say("Column"), say("Value"), say("Code"), say("Reason"))
    widths = (30, 14, 8, 14, 18, 22, 60)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        lines = (Line(_reject(row), tints=[Tint.NONE] * 4 + [Tint.WRONG]) for row in islice(reader, MAX_LINES))
        page.table([Column(title, width) for title, width in zip(titles, widths, strict=True)], lines, alone=True)
        more = sum(1 for _ in reader)
    if more:
        page.note(say("{more:,} more lines stand in {file}", more=more, file=REJECTS))


def _reject(row: Sequence[str]) -> Sequence[str]:
    """A line of rejects.csv with its reason, or what to do, since the reasons are English."""
    *place, column, value, code, reason = row
    return (*place, column, value, code, reason if language() == "en" else remedy(code, column, value, reason))
