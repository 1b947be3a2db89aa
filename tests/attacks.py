"""Small files that would take much time or memory: each by its name, written in a size of one's own.

`outcome` is what becomes of the file in its usual size: `plan`, or the code of the error that names it.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from conftest import HEADER
from hostile import archive, good, letters, package, rows_of, table, worksheet
from writers import xlsb_package, xlsb_record

_ODS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"


@dataclass(frozen=True)
class Attack:
    """A file of some size. `kind` is the suffix of its name, `usual` the size that was found to hurt."""

    kind: str
    write: Callable[[int], bytes]
    usual: int
    outcome: str


def with_header(index: int, text: str) -> tuple[str, ...]:
    """The usual header with one text in the place of another."""
    return (*HEADER[:index], text, *HEADER[index + 1 :])


def rejected(count: int, value: object = "x") -> list[tuple[object, ...]]:
    """Rows that are rejected."""
    return [(2024, 11, f"R{number}", "C1", value, 1.5, 1000) for number in range(count)]


def behind(rows: str) -> bytes:
    """An xlsx with rows behind an honest table."""
    return package(table(*good(10)) + rows)


def references(count: int) -> str:
    """Rows of cells that all show the first shared text."""
    cells = "".join(f'<c r="{letters(column)}{{0}}" t="s"><v>0</v></c>' for column in range(7))
    return "".join(f'<row r="{row}">{cells.format(row)}</row>' for row in range(12, 12 + count))


def ods(rows: str) -> bytes:
    """An ods of one sheet."""
    names = " ".join(f'xmlns:{name}="{_ODS.format(name)}"' for name in ("office", "table", "text"))
    names += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    body = f'<office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet>'
    return archive({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {names}><office:body>{body}</office:body></office:document-content>",
        "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
    })  # fmt: skip


def ods_row(cells: tuple[object, ...], attributes: str = "") -> str:
    """A row of an ods."""
    written = (
        f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        if isinstance(cell, str)
        else f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
        for cell in cells
    )
    return f"<table:table-row{attributes}>{''.join(written)}</table:table-row>"


ODS_TABLE = "".join(map(ods_row, (HEADER, *good(10))))
_ERROR = (
    '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def xlsb_cells(*cells: tuple[int, int]) -> bytes:
    """An xlsb with numbers in some cells (row and column from 0)."""
    part = xlsb_record(129) + xlsb_record(145)
    for row, column in cells:
        part += xlsb_record(0, struct.pack("<IIHBBIII", row, 0, 300, 0, 0, 1, 0, 1))
        part += xlsb_record(5, struct.pack("<IId", column, 0, 1.0))
    return xlsb_package(part + xlsb_record(146) + xlsb_record(130))


def formats(code: str) -> bytes:
    """An xlsx with one number format of its own."""
    styles = f'<numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts><cellXfs><xf numFmtId="164"/></cellXfs>'
    return package(table(*good(10)), styles=styles)


ATTACKS = {
    "header_of_blanks": Attack(
        "xlsx",
        lambda n: package(table(*rejected(300), *good(400), header=with_header(4, "收益率" + " " * n))),
        1_000_000,
        "plan",
    ),
    "long_header": Attack(
        "xlsx",
        lambda n: package(table(*((*row, "q") for row in rejected(300)), *good(400), header=(*HEADER, "x" * n))),
        1_000_000,
        "plan",
    ),
    "one_key": Attack(
        "xlsx",
        lambda n: package(table(*((2024, 11, "P", "C1", 0.01, 1.5, row) for row in range(n)), *good(n + 5))),
        8_000,
        "plan",
    ),
    "brackets_in_header": Attack(
        "xlsx", lambda n: package(table(*good(10), header=with_header(4, "()" * n))), 16_000, "plan"
    ),
    "brackets_in_title": Attack("xlsx", lambda n: package(rows_of([["()" * n], HEADER, *good(10)])), 16_000, "plan"),
    "brackets_behind_label": Attack(
        "xlsx", lambda n: package(table(*good(10), (2024, 11, "合计" + "()" * n + "x", "C1", 0.01, 1, 1))), 900, "plan"
    ),
    "digits_behind_label": Attack(
        "xlsx", lambda n: package(table(*good(10), (2024, 11, "合计" + "1" * n + "x", "C1", 0.01, 1, 1))), 900, "plan"
    ),
    "errors_in_comment": Attack("xlsx", lambda n: behind("<!--" + '<c t="e">' * n + "-->"), 40_000, "plan"),
    "rows_in_comment": Attack("xlsx", lambda n: behind("<!--" + "<row " * n + "-->"), 20_000, "plan"),
    "formulas_in_comment": Attack("xlsx", lambda n: behind("<!--" + "<c a><f>" * n + "-->"), 20_000, "plan"),
    "formulas_in_one_cell": Attack(
        "xlsx",
        lambda n: behind('<row r="12">' + '<c r="A12"><f>1</f></c>' * n + "</row>"),
        20_000,
        "workbook_unreadable",  # a cell that is written twice
    ),
    "comment_hides_range": Attack(
        "xlsx",
        lambda n: package(worksheet(table(*good(10)) + FAR, "<!--" + '<row r="5">' * n + "-->")),
        1,
        "workbook_too_large",
    ),
    "last_row_hides_range": Attack("xlsx", lambda n: behind(FAR + '<row r="3"></row>' * n), 1, "workbook_too_large"),
    "array_formulas": Attack(
        "xlsx",
        lambda n: behind(
            '<row r="12">'
            + "".join(f'<c r="{letters(column)}12"><f t="array" ref="A1:XFD1048576">1</f></c>' for column in range(n))
            + '</row><row r="1000"><c r="A1000"><v>1</v></c></row>'
        ),
        3_000,
        "workbook_unreadable",
    ),
    "brackets_in_format": Attack("xlsx", lambda n: formats("0" + "[" * n), 100_000, "workbook_unreadable"),
    "long_shared_text": Attack(
        "xlsx",
        lambda n: package(table(*good(10)) + references(n), strings=f"<si><t>{'x' * 1_000_000}</t></si>"),
        9,
        "column_missing",
    ),
    "marks_over_a_letter": Attack(
        "xlsx",
        lambda n: package(table(*good(10), (2024, 11, "a" + "\u0327\u0301" * n, "C1", "b" + "\u0327\u0301" * n, 1, 1))),
        16_000,
        "plan",
    ),
    "sheets": Attack(
        "xlsx",
        lambda n: package(
            {("受托业绩", "visible"): table(*good(10)), **{(f"{number}", "visible"): "" for number in range(n)}}
        ),
        3_000,
        "plan",
    ),
    "long_sheet_name": Attack("xlsx", lambda n: package({("n" * n, "visible"): table(*good(10))}), 200_000, "plan"),
    "merges_of_header": Attack(
        "xlsx",
        lambda n: package(
            worksheet(
                table(*good(10), header=(*HEADER, *[None] * 900, "z")),
                "<mergeCells>" + '<mergeCell ref="A1:XFD1"/>' * n + "</mergeCells>",
            )
        ),
        20_000,
        "plan",
    ),
    "notes_and_headers": Attack(
        "xlsx",
        lambda n: package(
            rows_of([HEADER, *(row for number in range(n) for row in ((f"注：第{number}条",), HEADER)), *good(10)])
        ),
        1_500,
        "plan",
    ),
    "doctype": Attack(
        "xlsx",
        lambda n: archive({"_rels/.rels": f'<!DOCTYPE r [<!ENTITY a "{"x" * n}">]><r>{"&a;" * n}</r>', "xl/x": ""}),
        10_000,
        "workbook_unreadable",
    ),
    "relationships": Attack(
        "xlsx",
        lambda n: archive({"_rels/.rels": f"<Relationships>{' ' * n}</Relationships>", "xl/x": ""}),
        100_000_000,
        "workbook_too_large",
    ),
    "xlsb_of_ff": Attack("xlsb", lambda n: xlsb_package(b"\xff" * n), 400_000, "workbook_unreadable"),
    "xlsb_far_cell": Attack(
        "xlsb", lambda n: xlsb_cells((0, 0), *[(2**20 - 1, 2**14 - 1)] * n), 1, "workbook_too_large"
    ),
    "ods_far_error": Attack(
        "ods",
        lambda n: ods(
            f'{ODS_TABLE}<table:table-row table:number-rows-repeated="{n}"><table:table-cell/>'
            f"</table:table-row><table:table-row>{_ERROR}</table:table-row>"
        ),
        10**9 - 1,
        "workbook_too_large",
    ),
    "ods_repeated_rows": Attack(
        "ods",
        lambda n: ods(ODS_TABLE + ods_row((0.5,) * 10, f' table:number-rows-repeated="{n}"')),
        1_000_000,
        "workbook_unreadable",
    ),
    "ods_column_styles": Attack(
        "ods", lambda n: ods("<table:table-column/>" * n + ODS_TABLE + ods_row((1.5,) * n)), 12_000, "plan"
    ),
    "ods_spans": Attack(
        "ods",
        lambda n: ods(
            f"{ODS_TABLE}<table:table-row><table:table-cell office:value-type='string'><text:p>"
            f"{'<text:span>' * n}x{'</text:span>' * n}</text:p></table:table-cell></table:table-row>"
        ),
        100_000,
        "workbook_unreadable",
    ),
    "csv_of_one_wide_row": Attack(
        "csv", lambda n: (",".join(HEADER) + "\n" * n + "," * n).encode(), 30_000, "workbook_too_large"
    ),
    "csv_of_blank_rows": Attack(
        "csv", lambda n: (",".join(HEADER) + "\n2024,11,P,C,0.1,1,1" + "\n" * n).encode(), 100_000, "plan"
    ),
}
