"""What a mender does about each rule that a row can break, in their language: what to write, in a sentence."""

import re
from collections.abc import Sequence
from decimal import Decimal

from extract.table.records.results import Reject
from extract.wording import Sentence, again, language, say

_FIGURE = re.compile(
    r"(?<![0-9A-Za-z.,])[-+]?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?"
    r"(?:\s*(%|‰|千元|百万元|万元|亿元|百万|万|亿|元))?(?![0-9A-Za-z.,])"
)
"""A figure within other text, with its unit."""
_LIMITS = re.compile(r" is not between (\S+) and (\S+)$")
_CHOICES = re.compile(r" is none of (.+)$")
_UNITS = re.compile(r" bears the unit \S+, which this column does not take \(it takes (.+)\)$")
"""What the reason of a reject names that is to be written instead."""
_SHOWN = re.compile(" is shown (?:divided by|without its digits|with another sign|with digits) ")


def what_to_do(reject: Reject, differing: Sequence[str] = ()) -> str:
    """What to do about a reject; `differing` are the headers in which rows with one key differ."""
    return remedy(reject.code, reject.column, reject.value, reject.reason, differing)


def remedy(code: str, column: str, value: object, reason: str, differing: Sequence[str] = ()) -> str:
    """What to do about a broken rule, by its code, the column and value of the cell, and the reason that was given."""
    gaps = {"column": column, "value": value}
    match code:
        case "missing":
            return say("Fill in {column}, or delete the row", **gaps)
        case "invalid_number":
            return _of_number(column, str(value), reason)
        case "invalid_code":
            return say(
                "Write {column} as it is registered, as a text of letters, digits and dots such as 000123: {value} is "
                "no such code",
                **gaps,
            )
        case "invalid_date":
            return say("Write one day in {column}, such as 2024-11-30: {value} is none", **gaps)
        case "invalid_period" if " is no month: " in reason:
            return say("Write the month in {column} as a number from 1 to 12: {value} is none", **gaps)
        case "invalid_period" if " is no year: " in reason or reason.startswith("the year "):
            return say("Write the year in {column}, such as 2024: {value} cannot be it", **gaps)
        case "invalid_period":
            return say(
                "Write one month in {column}, such as 2024-11: {value} is none",
                **gaps,
            )
        case "future_period":
            return say(
                "Write the month that the figures are of in {column}, such as 2024-11: "
                "{value} is later than this month",
                **gaps,
            )
        case "period_mismatch":
            return say("Make the month in {column} that of the workbook, or move the row to its own month", **gaps)
        case "period_conflict":
            return say("Write the same month in all columns of the row that name one: {column} has {value}", **gaps)
        case "invalid_choice" if found := _CHOICES.search(reason):
            return say("Write one of {choices} in {column}: {value} is none of them", **gaps, choices=found[1])
        case "invalid_choice" | "invalid_text":
            return say("Type {column} anew, as a plain text of a few words: {value} is none that it takes", **gaps)
        case "mark_not_kept":
            return say(
                "Write the figure in {column}, or leave it empty: what {value} stands for cannot be kept", **gaps
            )
        case "out_of_range" if found := _LIMITS.search(reason):
            return say(
                "Write {column} between {least} and {most}, in its unit: {value} is outside",
                **gaps,
                least=found[1],
                most=found[2],
            )
        case "out_of_range":
            return say("Check {column} and the unit it is in: {value} is out of range", **gaps)
        case "uncalculated_formula":
            return say(
                "Open the workbook in Excel and save it, so that {column} is calculated, or type what it should give",
                **gaps,
            )
        case "suspected_summary" | "suspected_note":
            return say("Delete the row if it is a total or a note; else give it the code of its plan")
        case "unit_of_row":
            return say("State one unit for the column, and write {column} in it", **gaps)
        case "too_many_cells":
            return say(
                "Write a figure with separators in quotes or without them; delete what stands right of the table"
            )
        case "conflicting_duplicate" if differing:
            columns = ", ".join(differing)
            return say("Delete all but one of the rows with this key, or make {columns} equal in them", columns=columns)
        case "conflicting_duplicate":
            return say("Delete all but one of the rows with this key")
    return say("Mend {column} by its rule, or delete the row", **gaps)


def _of_number(column: str, value: str, reason: str) -> str:
    """What to write where no number could be read."""
    gaps = {"column": column, "value": value}
    if found := _UNITS.search(reason):
        return say("Write {column} without a unit, or in one of {units}: {value} has another", **gaps, units=found[1])
    if " is no whole number" in reason:
        return say("Write {column} as a whole number, such as 12: {value} is none", **gaps)
    if _SHOWN.search(reason):
        return say("Type the figure of {column} anew in its unit, in a cell with the number format General", **gaps)
    if " may have a decimal comma " in reason:
        return say(
            "Write {column} with a decimal point and no comma, such as 1234.56: {value} may be two figures", **gaps
        )
    figures = [match for match in _FIGURE.finditer(value) if match[0] != value.strip()]
    if len(figures) == 1 and not value.startswith("#"):
        return say(
            "Write the number alone in {column}, such as {example}, not {value}", **gaps, example=_example(figures[0])
        )
    return say(
        "Write the number alone in {column}, such as 5% or 0.05 for a rate and 1234.56 for an amount, or leave the "
        "cell empty where there is none: {value} is no number",
        **gaps,
    )


def _example(figure: re.Match[str]) -> str:
    """A figure as it may be written: a percentage also as a fraction."""
    if figure[1] != "%":
        return figure[0]
    fraction = Decimal(figure[0].rstrip("% ").replace(",", "")).scaleb(-2)
    return say("{one} or {other}", one=figure[0], other=f"{fraction:f}")


def warning_told(code: str, detail: str) -> str:
    """What a warning on a workbook says; where it comes from plan.json, so in English, what its code means."""
    if language() == "en" or isinstance(detail, Sentence):
        return str(again(detail))
    meanings = {
        "ambiguous_unit": say("The column mixes fractions and percentages: state its unit in the header"),
        "cells_unseen": say("Figures are in the colour of their background, which nobody sees: see that they count"),
        "code_unlike": say("Codes are words, unlike the others: see that they are no labels"),
        "column_gone": say("A column that the last workbook had is not in this one"),
        "column_missing": say("A column of a measure was not found: its figures stay empty"),
        "columns_hidden": say("Columns that Excel hides were read: see that they are those that count"),
        "confusable_code": say("Codes look alike: see that they are written as they are registered"),
        "header_not_read": say("Texts among the headers were not read"),
        "label_like_total": say("Labels begin like those of totals: see that they are records"),
        "keys_in_several_files": say("Several workbooks hold the same keys: the later one counts"),
        "measure_merged": say("A figure is merged over several rows: only the first of them has it"),
        "no_figures": say("Rows have no figure: see that they are no headings or notes"),
        "no_rows": say("The sheet holds no row of data: nothing is loaded from it"),
        "origin_unknown": say("A rejects workbook does not say which workbook its rows come from"),
        "other_span": say("A title names another span of time: see that the figures are those of the month"),
        "period_conflict": say("A title names another month than the workbook: see that it is the right month"),
        "row_marked": say("Rows are marked as none of data, such as 示例 or 作废: see that they still count"),
        "rows_hidden": say("Rows that Excel hides were read: see that they belong to the table"),
        "rows_outside": say("Rows outside the tables look like records, and were not read"),
        "sheets_not_read": say("Other visible sheets hold a table, and were not read"),
        "shown_otherwise": say("A format may show figures as others than they are: see that they are what they show"),
        "struck_out": say("Rows are struck out: see that they still count"),
        "title_not_calculated": say(
            "A title is a formula without a value: see that it states no unit and no other month"
        ),
        "unit_doubtful": say(
            "A column is stated to be in percent, and its numbers are small: see that they are no fractions"
        ),
        "unit_not_read": say("A text may state a unit that is not declared"),
        "unit_not_verified": say("The header says percent, and this format does not tell: compare some figures"),
        "units_mixed": say("Some figures of a column bear a unit and some none: state the unit of the column"),
        "unit_unclear": say("No unit is stated, and many figures are large: state the unit of the column"),
    }
    return meanings.get(code) or say("See {code} in docs/rules.md", code=code)
