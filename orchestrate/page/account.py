"""The sections on what came and what became of it: submissions, rows, and rejects with their ends."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from extract.wording import say
from orchestrate.page.charts import stacked
from orchestrate.page.frame import Sight, absent, legend, named, section
from orchestrate.page.markup import (
    Column,
    chip,
    code,
    count,
    day,
    element,
    file_name,
    folded,
    left_out,
    moment,
    month,
    note,
    table,
    text,
    typed_as,
)
from orchestrate.page.parts import Part
from orchestrate.page.reading import COUNTS, LACKS

_ENDS = ("open", "mended", "superseded", "waived")


def submissions(sight: Sight) -> Markup:
    """Who has sent the month, against its due day."""
    part = sight.figures["submissions"]
    title = say("Submissions against their due day")
    if part.absence:
        return section("submissions", title, absent(part))
    if not part:
        nobody = say("Nobody owes figures of this month by the seed expected_submissions, and nobody has sent any")
        return section("submissions", title, note(nobody))
    states = {
        "on_time": ("good", say("on time")),
        "late": ("warn", say("late")),
        "missing": ("bad", say("missing")),
        "nothing_to_report": ("calm", say("nothing to report")),
        "unexpected": ("warn", say("unexpected")),
    }
    columns = (
        Column(say("Company"), named(sight.figures.names("company"))),
        Column(say("State"), lambda state: chip(*states.get(str(state), ("calm", str(state))))),
        Column(say("Due"), day),
        Column(say("Received"), moment),
        Column(say("Workbook"), file_name),
        Column(say("Batch"), count, number=True),
        Column(say("Domain"), code),
    )
    names = ("company_code", "status", "due_on", "received_at", "workbook", "batch_id", "domain")
    rows = [[part.value(row, name) for name in names] for row in part.rows]
    tints = ["bad" if row[1] == "missing" else "" for row in rows]
    command = sight.command("missing", "--period", sight.period)
    shown = typed_as(say("What is missing, on the screen:"), command) if command else ""
    return section("submissions", title, table(columns, rows, "table-submissions", tints), shown)


def rows(sight: Sight) -> Markup:
    """What became of the rows of the workbooks, this month and before."""
    part = sight.figures["quality"]
    title = say("Rows read, loaded, rejected, skipped")
    if part.absence:
        return section("rows", title, absent(part))
    layers = (("rows_loaded", "loaded"), ("rows_rejected", "rejected"), ("rows_skipped", "skipped"))
    drawn = [
        (f"{part.value(row, 'report_date'):%Y-%m}", [(kind, int(str(part.value(row, name)))) for name, kind in layers])
        for row in part.rows
    ]
    words = (("loaded", say("loaded")), ("rejected", say("rejected")), ("skipped", say("skipped")))
    titles = {
        "rows_read": say("read"), "rows_loaded": say("loaded"), "rows_rejected": say("rejected"),
        "rows_rejected_open": say("of these open"), "rows_mended": say("mended"), "rows_skipped": say("skipped"),
        "rows_counting": say("rows that count"), "missing_return_rate": say("without return"),
        "missing_net_asset_value": say("without unit value"), "missing_fund_scale": say("without scale"),
        "plans_appeared": say("plans appeared"), "plans_vanished": say("plans vanished"),
    }  # fmt: skip
    names = (*COUNTS, *LACKS)
    columns = [Column(say("Month"), month), *(Column(titles[name], count, number=True) for name in names)]
    newest_first = [[part.value(row, name) for name in ("report_date", *names)] for row in reversed(part.rows)]
    this = part.where("report_date", sight.figures.month)
    content: list[object] = [
        stacked(drawn, say("Rows of each month, by what became of them")) if drawn else "",
        legend(words),
        table(columns, newest_first, "table-rows"),
    ]
    if not this:
        content.insert(0, note(say("No workbook of this month was loaded"), "warn"))
    else:
        content += _lists(this)
    loads = sight.command("history")
    return section("rows", title, *content, typed_as(say("Every load with its workbooks:"), loads) if loads else "")


def _lists(this: Part) -> list[object]:
    """Why rows were skipped, what was remarked on, and which plans have gone."""
    found: list[object] = []
    for column, title in (("skips_by_reason", say("Skipped rows by reason")),
                          ("row_warnings_by_code", say("Remarks on rows by code"))):  # fmt: skip
        codes = this.values(column)[0]
        if isinstance(codes, Mapping) and codes:
            columns = (Column(say("Code"), code), Column(say("Rows"), count, number=True))
            found += [element("h3", title), table(columns, sorted(codes.items()), f"table-{column}")]
    vanished = this.values("vanished_plans")[0]
    if isinstance(vanished, list) and vanished:
        found.append(folded(say("Plans of the month before that are gone"), element("p", *_comma(vanished))))
    return found


def _comma(values: list[Any]) -> list[object]:
    return [part for number, value in enumerate(values) for part in (", " if number else "", text(value))]


def rejects(sight: Sight) -> Markup:
    """Rejects by the rule they break, and what became of them."""
    part, quality = sight.figures["rejects"], sight.figures["quality"].where("report_date", sight.figures.month)
    title = say("Rejects by rule, and what became of them")
    if part.absence:
        titles = (Column(say("Rule"), code), Column(say("Rejects"), count, number=True))
        codes = quality.values("rejects_by_code")[0] if quality else {}
        known = table(titles, sorted(codes.items()), "table-rejects") if isinstance(codes, Mapping) and codes else ""
        return section("rejects", title, known, _open_ones(quality), absent(part))
    if not part:
        return section("rejects", title, note(say("No row of this month was rejected")))
    ends = {"open": say("open"), "mended": say("mended"), "superseded": say("superseded"), "waived": say("waived")}
    by_rule: dict[str, Counter[str]] = {}
    for row in part.rows:
        for rule in {str(error["code"]) for error in _errors(part.value(row, "errors"))}:
            by_rule.setdefault(rule, Counter())[str(part.value(row, "status"))] += 1
    columns = (
        Column(say("Rule"), code),
        *(Column(ends[end], count, number=True) for end in _ENDS),
        Column(say("Rejects"), count, number=True),
    )
    lines = [[rule, *(counts[end] for end in _ENDS), counts.total()] for rule, counts in sorted(by_rule.items())]
    return section(
        "rejects", title, table(columns, lines, "table-rejects"), _each_reject(part, ends), left_out(part.more),
        _command(sight),
    )  # fmt: skip


def _each_reject(part: Part, ends: dict[str, str]) -> Markup:
    kinds = {"open": "bad", "mended": "good", "superseded": "calm", "waived": "warn"}
    columns = (
        Column(say("State"), lambda state: chip(kinds.get(str(state), "calm"), ends.get(str(state), str(state)))),
        Column(say("Workbook"), file_name),
        Column(say("Sheet")),
        Column(say("Row"), count, number=True),
        Column(say("Cells"), _cells),
        Column(say("Batch"), count, number=True),
        Column(say("Reject"), code),
    )
    names = ("status", "path", "sheet", "source_row", "errors", "batch_id", "reject_id")
    lines = [[part.value(row, name) for name in names] for row in part.rows]
    return table(columns, sorted(lines, key=lambda line: line[0] != "open"), "table-each-reject")


def _cells(errors: object) -> Markup:
    """Which cells are wrong, with the value as it stands and the code of the rule."""
    return element("div", *(
        element("div", text(error.get("column")), " = ", text(error.get("value")), " ", code(error.get("code")))
        for error in _errors(errors)
    ))  # fmt: skip


def _errors(value: object) -> list[Mapping[str, Any]]:
    return (
        [error for error in value if isinstance(error, Mapping) and "code" in error] if isinstance(value, list) else []
    )


def _open_ones(quality: Part) -> Markup:
    if not quality:
        return note(say("No workbook of this month was loaded"))
    rejected, still, mended = (int(str(quality.values(name)[0])) for name in COUNTS[2:5])
    if not rejected:
        return note(say("No row of this month was rejected"))
    words = say("{rejected:,} rejected, of them {open:,} open and {mended:,} mended", rejected=rejected, open=still,
                mended=mended)  # fmt: skip
    return note(words, "bad" if still else "calm")


def _command(sight: Sight) -> Markup:
    command = sight.command("rejects", "--period", sight.period)
    return typed_as(say("The same, on the screen or as a workbook:"), command) if command else Markup("")
