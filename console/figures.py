"""What a person sees of a figure's way: its versions down to the cell, and what a derived one is made of."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, show_database, show_document

if TYPE_CHECKING:
    from extract.staging.derived import Derived
    from orchestrate.tracing import Trace, TracedVersion


def show_trace(trace: "Trace") -> None:
    """The derived figure, if one was asked for, then every version, newest first."""
    show_database(trace.database)
    console = new_console()
    for derived in trace.derived:
        for number, line in enumerate(_derived(derived)):
            console.print(Text(line, style="" if number else "bold"), soft_wrap=True)
    console.print(Text(f"{trace.plan} in {trace.month:%Y-%m}: versions, newest first", style="italic"))
    for item in trace.versions:
        style = "" if item.version.counts else "dim"
        for number, line in enumerate(_version(item)):
            console.print(Text(line, style=style if number else style or "bold"), soft_wrap=True)


def _derived(derived: "Derived") -> list[str]:
    return [
        f"{derived.column} in {derived.company}: {derived.value or 'none'}, made of {derived.made_of}:",
        *(
            f"  {part.month:%Y-%m} {part.plan}: {part.value or 'none'}, batch {part.batch_id}, {part.data_source},"
            f" sheet {part.source_sheet}, row {part.source_row}"
            for part in derived.parts
        ),
    ]


def _version(item: "TracedVersion") -> list[str]:
    version = item.version
    key = " ".join(version.key.values())
    state = "counts" if version.counts else "withdrawn" if version.withdrawn else "replaced"
    mode = f"undo of {version.undoes}" if version.undoes else version.mode
    figures = ", ".join(f"{name} {'none' if value is None else value}" for name, value in version.figures.items())
    by = (
        f"planned by {version.planned_by}, approved by {version.approved_by or 'nobody'}, loaded by {version.loaded_by}"
    )
    mended = f", mended in {version.path}" if version.mends else ""
    lines = [
        f"batch {version.batch_id} ({mode}, {version.loaded_at:%Y-%m-%d %H:%M:%S}), {key}: {state}",
        f"  {figures}",
        f"  {by}",
        f"  {version.data_source}, sheet {version.source_sheet}, row {version.source_row}{mended}",
    ]
    for cell in item.cells:
        unit = f", read as {cell.unit} ({cell.unit_from})" if cell.unit else ""
        lines.append(f"    {cell.field}: {cell.cell} {cell.value!r} under {cell.header}{unit}")
    if item.why_not:
        lines.append(f"    the cells are not shown: {item.why_not}")
    return lines


def show_trace_json(trace: "Trace") -> None:
    """The same as one JSON document."""
    show_document(asdict(trace))
