"""The sections on who did what: restated figures, tests and what they found, loads and closings."""

from decimal import Decimal

from markupsafe import Markup

from extract.wording import say
from orchestrate.page.frame import Sight, absent, named, section
from orchestrate.page.markup import (
    NOTHING,
    Column,
    amount,
    chip,
    code,
    count,
    element,
    file_name,
    folded,
    joined,
    left_out,
    moment,
    note,
    share,
    table,
    text,
    typed_as,
)
from orchestrate.page.parts import Part


def restatements(sight: Sight) -> Markup:
    """Figures of the month that a later load changed: old, new, and by whom."""
    title = say("Restated figures")
    content: list[object] = []
    for number, part in enumerate(sight.figures.restatements):
        if part.absence:
            content.append(absent(part))
        elif part:
            content += [_restated(sight, part, f"table-restated-{number}"), left_out(part.more)]
        else:
            content.append(note(say("No figure of this month is restated in {relation}", relation=part.relation)))
    return section("restatements", title, *content)


def _restated(sight: Sight, part: Part, name: str) -> Markup:
    loads = sight.figures["loads"]
    by = {loads.value(row, "batch_id"): loads.value(row, "loaded_by") for row in loads.rows}
    planned = "planned_by" in part.columns
    kinds = {"restated": say("restated"), "withdrawn": say("withdrawn"), "restored": say("restored")}
    fields = {"return_rate": say("return"), "net_asset_value": say("unit value"), "fund_scale": say("scale")}

    def figure(pair: object) -> Markup:
        field, value = pair if isinstance(pair, tuple) else ("", pair)
        return NOTHING if value is None else (share if "return" in str(field) else amount)(_trimmed(value))

    columns = (
        Column(say("Plan"), named(sight.figures.names("plan"))),
        Column(say("Company"), text),
        Column(say("Figure"), lambda field: text(fields.get(str(field), field))),
        Column(say("Old"), figure, number=True),
        Column(say("New"), figure, number=True),
        Column(say("Difference"), figure, number=True),
        Column(say("Kind"), lambda kind: text(kinds.get(str(kind), kind))),
        Column(say("When"), moment),
        *((Column(say("Planned by")), Column(say("Approved by"))) if planned else ()),
        Column(say("Loaded by")),
        Column(say("Batch"), count, number=True),
        Column(say("Workbook"), file_name),
        Column(say("Row"), text),
    )
    lines = []
    for row in part.rows:
        field, batch = part.value(row, "field"), part.value(row, "batch_id")
        plan = part.value(row, "plan_code") if "plan_code" in part.columns else None
        values = [(field, part.value(row, column)) for column in ("old_value", "new_value", "difference")]
        place = f"{part.value(row, 'source_sheet')}!{part.value(row, 'source_row')}"
        kind, when, workbook = (part.value(row, column) for column in ("kind", "restated_at", "data_source"))
        company = part.value(row, "company_code")
        persons = [part.value(row, "planned_by"), part.value(row, "approved_by")] if planned else []
        loaded = part.value(row, "loaded_by") if "loaded_by" in part.columns else by.get(batch)
        lines.append((plan, company, field, *values, kind, when, *persons, loaded, batch, workbook, place))
    return table(columns, lines, name)


def _trimmed(value: object) -> Decimal:
    """A figure without the zeros that the mart of restatements fills up its six places with; at least two stay."""
    number = Decimal(str(value))
    plain = number.normalize()
    return plain if int(plain.as_tuple().exponent) <= -2 else number.quantize(Decimal("0.01"))


def tests(sight: Sight) -> Markup:
    """Which tests ran, and what they found."""
    title = say("Tests and what they found")
    found, published = sight.tests, sight.figures.published
    if found is None:
        words = say("Not known: the results of the build that published these figures are not on this machine")
        untested = say("These figures were published without their tests: run `dbt build`")
        return section("tests", title, note(words, "absent"), "" if published.tested else note(untested, "bad"))
    states = {"pass": ("good", say("passed")), "warn": ("warn", say("warned")), "fail": ("bad", say("failed")),
              "error": ("bad", say("could not run")), "could not run": ("bad", say("could not run")),
              "skipped": ("calm", say("skipped")), "success": ("good", say("passed"))}  # fmt: skip
    columns = (
        Column(say("Test"), code),
        Column(say("State"), lambda state: chip(*states.get(str(state), ("warn", str(state))))),
        Column(say("Rows found"), count, number=True),
        Column(say("They stand in"), code),
    )
    lines = [(test.name, test.status, test.rows, test.kept_in if test.rows else None) for test in found.tests]
    remarkable = [line for line in lines if line[1] not in ("pass", "success")]
    passed = [line for line in lines if line[1] in ("pass", "success")]
    summary = say("{all:,} tests ran: {passed:,} passed, {warned:,} warned, {failed:,} failed or could not run",
                  all=len(lines), passed=len(passed), warned=found.count("warn"),
                  failed=len(remarkable) - found.count("warn") - found.count("skipped"))  # fmt: skip
    content: list[object] = [note(summary)]
    if not found.of_published:
        content.append(note(say("These are of the last build, which published nothing"), "warn"))
    if remarkable:
        tints = ["warn" if line[1] == "warn" else "bad" for line in remarkable]
        content.append(table(columns, remarkable, "table-tests", tints))
    content.append(folded(say("Tests that passed"), table(columns, passed, "table-passed")))
    return section("tests", title, *content)


def persons(sight: Sight) -> Markup:
    """Who planned, approved, loaded and closed."""
    part, closings = sight.figures["loads"], sight.figures["closings"]
    title = say("Who planned, approved, loaded and closed")
    if part.absence:
        return section("persons", title, absent(part), _closed(closings))
    columns = [
        Column(say("Batch"), count, number=True),
        Column(say("Loaded"), moment),
        Column(say("Loaded by")),
        Column(say("Planned by")),
        Column(say("Approved by")),
        Column(say("Mode"), code),
        Column(say("Workbook"), file_name),
        Column(say("Sheet")),
        Column(say("read"), count, number=True),
        Column(say("loaded"), count, number=True),
        Column(say("rejected"), count, number=True),
        Column(say("skipped"), count, number=True),
    ]
    names = ("batch_id", "loaded_at", "loaded_by", "planned_by", "approved_by", "mode", "path", "sheet", "rows_read",
             "rows_loaded", "rows_rejected", "rows_skipped")  # fmt: skip
    chosen = [(column, name) for column, name in zip(columns, names, strict=True) if name in part.columns]
    lines = [[part.value(row, name) for _, name in chosen] for row in part.rows]
    content: list[object] = [
        table([column for column, _ in chosen], lines, "table-loads")
        if lines
        else note(say("No workbook of this month was loaded"))
    ]
    if "planned_by" not in part.columns:
        unknown = say("Not known: {relation} does not say who planned and who approved", relation=part.relation)
        content.append(note(unknown, "absent"))
    command = sight.command("history")
    content += [_closed(closings), typed_as(say("Every load with its workbooks:"), command) if command else ""]
    return section("persons", title, *content)


def _closed(part: Part) -> Markup:
    if part.absence:
        return absent(part)
    if not part:
        return note(say("The month is not closed"))
    return joined(
        element("p", say("Closed"), " ", moment(part.value(row, "closed_at")), ", ", text(part.value(row, "closed_by")))
        for row in part.rows
    )
