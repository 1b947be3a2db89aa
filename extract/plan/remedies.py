"""What a mender does about each rule that a row can break, in their language: a sentence for each code."""

from collections.abc import Sequence

from extract.table.results import Reject
from extract.wording import say


def what_to_do(reject: Reject, differing: Sequence[str] = ()) -> str:
    """What to do about a reject; `differing` are the headers in which rows with one key differ."""
    gaps = {"column": reject.column, "value": reject.value}
    match reject.code:
        case "missing":
            return say("Fill in {column}, or delete the row", **gaps)
        case "invalid_number":
            return say("Write {column} as a number: {value} is none", **gaps)
        case "invalid_code":
            return say("Write {column} as the code is registered: {value} is none", **gaps)
        case "invalid_date" | "invalid_period" | "future_period":
            return say("Write the right month or date in {column}: {value} cannot be it", **gaps)
        case "period_mismatch":
            return say("Make the month in {column} that of the workbook, or move the row to its own month", **gaps)
        case "invalid_choice" | "invalid_text" | "mark_not_kept":
            return say("Write a text that {column} takes: {value} is none", **gaps)
        case "out_of_range":
            return say("Check {column} and the unit it is in: {value} is out of range", **gaps)
        case "suspected_summary" | "suspected_note":
            return say("Delete the row if it is a total or a note; else give it the code of its plan")
        case "unit_of_row":
            return say("State one unit for the column, and write {column} in it", **gaps)
        case "too_many_cells":
            return say("Delete what stands to the right of the table in this row")
        case "conflicting_duplicate" if differing:
            columns = ", ".join(differing)
            return say("Delete all but one of the rows with this key, or make {columns} equal in them", columns=columns)
        case "conflicting_duplicate":
            return say("Delete all but one of the rows with this key")
    return say("Mend {column} by its rule, or delete the row", **gaps)
