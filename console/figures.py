"""What a person sees of a figure's way: its versions down to the cell, and what a derived one is made of."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document, show_published
from extract.wording import again, say

if TYPE_CHECKING:
    from extract.staging.derived import Derived
    from orchestrate.tracing import Trace, TracedVersion


def show_trace(trace: "Trace") -> None:
    """The derived figure, if one was asked for, then every version, newest first."""
    show_database(trace.database)
    console = new_console()
    if trace.published:
        show_published(trace.published)
    for derived in trace.derived:
        for number, line in enumerate(_derived(derived)):
            console.print(Text(line, style="" if number else "bold"), soft_wrap=True)
    title = say("{plan} in {month}: versions, newest first", plan=trace.plan, month=f"{trace.month:%Y-%m}")
    console.print(Text(title, style="italic"))
    for item in trace.versions:
        style = "" if item.version.counts else "dim"
        for number, line in enumerate(_version(item)):
            console.print(Text(line, style=style if number else style or "bold"), soft_wrap=True)


def _derived(derived: "Derived") -> list[str]:
    return [
        say(
            "{column} in {company}: {value}, made of {parts}:",
            column=derived.column,
            company=derived.company,
            value=derived.value or say("none"),
            parts=again(derived.made_of),
        ),
        *(
            say(
                "  {month} {plan}: {value}, batch {batch}, {workbook}, sheet {sheet}, row {row}",
                month=f"{part.month:%Y-%m}",
                plan=part.plan,
                value=part.value or say("none"),
                batch=part.batch_id,
                workbook=part.data_source,
                sheet=part.source_sheet,
                row=part.source_row,
            )
            for part in derived.parts
        ),
    ]


def _version(item: "TracedVersion") -> list[str]:
    version = item.version
    key = " ".join(version.key.values())
    state = say("counts") if version.counts else say("withdrawn") if version.withdrawn else say("replaced")
    mode = say("undo of {batch}", batch=version.undoes) if version.undoes else version.mode
    figures = ", ".join(f"{name} {say('none') if value is None else value}" for name, value in version.figures.items())
    place = {"workbook": version.data_source, "sheet": version.source_sheet, "row": version.source_row}
    lines = [
        say(
            "batch {batch} ({mode}, {when}), {key}: {state}",
            batch=version.batch_id,
            mode=mode,
            when=f"{version.loaded_at:%Y-%m-%d %H:%M:%S}",
            key=key,
            state=state,
        ),
        f"  {figures}",
        say(
            "  planned by {planner}, approved by {approver}, loaded by {loader}",
            planner=version.planned_by,
            approver=version.approved_by or say("nobody"),
            loader=version.loaded_by,
        ),
        say("  {workbook}, sheet {sheet}, row {row}, mended in {path}", **place, path=version.path)
        if version.mends
        else say("  {workbook}, sheet {sheet}, row {row}", **place),
    ]
    for cell in item.cells:
        where = {"field": cell.field, "cell": cell.cell, "value": cell.value, "header": cell.header}
        if cell.unit:
            unit = {"unit": cell.unit, "place": cell.unit_from}
            lines.append(say("    {field}: {cell} {value!r} under {header}, read as {unit} ({place})", **where, **unit))
        else:
            lines.append(say("    {field}: {cell} {value!r} under {header}", **where))
    if item.why_not:
        lines.append(say("    the cells are not shown: {reason}", reason=again(item.why_not)))
    return lines


def show_trace_json(trace: "Trace") -> None:
    """The same as one JSON document."""
    show_document(asdict(trace))
