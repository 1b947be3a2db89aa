"""A workbook of a domain with a layout: its chosen sheets to results, one for each."""

from dataclasses import replace

from extract.fields.places import Layout
from extract.table.layout.account import laid_result
from extract.table.layout.extraction import LayoutExtraction
from extract.table.layout.finding import LayoutFinder
from extract.table.records.keyed import Repeated
from extract.table.records.repeats import settle_repeated_keys
from extract.table.records.results import FileResult
from extract.table.sheet.choice import chosen_sheets, unread_warning
from extract.table.sheet.tables import Reading
from extract.workbook.sheet import Workbook


def extract_laid(
    workbook: Workbook, reading: Reading, layout: Layout, sheet: str | None, rules: str, size: int
) -> list[FileResult]:
    """Read the sheets that `sheet` (--sheet) or the configuration names. Raises a DataError."""
    domain = reading.domain

    def finder(name: str) -> LayoutFinder:
        return LayoutFinder(domain, layout, reading.source.data_source, name)

    done: list[LayoutExtraction] = []
    repeated: Repeated[LayoutExtraction] = {}
    sheets = chosen_sheets(workbook, domain.config, sheet, finder)
    for one in sheets:
        extraction = LayoutExtraction(reading, layout, one, done, repeated)
        done.append(extraction)
        extraction.run()
    settle_repeated_keys(repeated, domain)
    results = [laid_result(extraction, size, workbook.note, rules) for extraction in done]
    if warning := unread_warning(workbook, [one.name for one in sheets], finder):
        report = results[0].report
        results[0] = replace(results[0], report=replace(report, warnings=(*report.warnings, warning)))
    return results
