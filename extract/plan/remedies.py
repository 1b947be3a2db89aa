"""What a mender does about each rule that a row can break, in their language: a sentence for each code."""

from collections.abc import Sequence

from extract.table.results import Reject
from extract.wording import Sentence, again, language, say


def what_to_do(reject: Reject, differing: Sequence[str] = ()) -> str:
    """What to do about a reject; `differing` are the headers in which rows with one key differ."""
    return remedy(reject.code, reject.column, reject.value, differing)


def remedy(code: str, column: str, value: object, differing: Sequence[str] = ()) -> str:
    """What to do about a broken rule, by its code, the column and the value of the cell."""
    gaps = {"column": column, "value": value}
    match code:
        case "missing":
            return say("Fill in {column}, or delete the row", **gaps)
        case "invalid_number":
            return say("Write {column} as a number: {value} is none", **gaps)
        case "invalid_code":
            return say("Write {column} as the code is registered: {value} is none", **gaps)
        case "invalid_date" | "invalid_period" | "future_period":
            return say("Write the right month or date in {column}: {value} cannot be it", **gaps)
        case "period_mismatch" | "period_conflict":
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


def warning_told(code: str, detail: str) -> str:
    """What a warning on a workbook says; where it comes from plan.json, so in English, what its code means."""
    if language() == "en" or isinstance(detail, Sentence):
        return str(again(detail))
    meanings = {
        "ambiguous_unit": say("The column mixes fractions and percentages: state its unit in the header"),
        "column_gone": say("A column that the last workbook had is not in this one"),
        "column_missing": say("A column of a measure was not found: its figures stay empty"),
        "confusable_code": say("Codes look alike: see that they are written as they are registered"),
        "header_not_read": say("Texts among the headers were not read"),
        "keys_in_several_files": say("Several workbooks hold the same keys: the later one counts"),
        "measure_merged": say("A figure is merged over several rows: only the first of them has it"),
        "no_figures": say("Rows have no figure: see that they are no headings or notes"),
        "no_rows": say("The sheet holds no row of data: nothing is loaded from it"),
        "origin_unknown": say("A rejects workbook does not say which workbook its rows come from"),
        "other_span": say("A title names another span of time: see that the figures are those of the month"),
        "period_conflict": say("A title names another month than the workbook: see that it is the right month"),
        "rows_hidden": say("Rows that Excel hides were read: see that they belong to the table"),
        "rows_outside": say("Rows outside the tables look like records, and were not read"),
        "sheets_not_read": say("Other visible sheets hold a table, and were not read"),
        "struck_out": say("Rows are struck out: see that they still count"),
        "unit_not_read": say("A text may state a unit that is not declared"),
        "unit_not_verified": say("The header says percent, and this format does not tell: compare some figures"),
        "unit_unclear": say("No unit is stated, and many figures are large: state the unit of the column"),
    }
    return meanings.get(code) or say("See {code} in docs/rules.md", code=code)
