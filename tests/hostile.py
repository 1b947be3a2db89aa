"""Workbooks that an attacker would write: any content of the parts, any names and states of the sheets."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from conftest import HEADER

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
Cells = Sequence[object]


def good(count: int, prefix: str = "P") -> list[Cells]:
    """Rows that load."""
    return [(2024, 11, f"{prefix}{number}", "C1", 0.01, 1.5, 1000) for number in range(count)]


def letters(index: int) -> str:
    """The letters of a column counted from 0."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def cell(row: int, column: int, value: object) -> str:
    """A cell in the usual spelling: a number, or a text in the sheet itself."""
    if value is None:
        return ""
    place = f"{letters(column)}{row}"
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def rows_of(rows: Iterable[Cells], first: int = 1) -> str:
    """Rows one below the other."""
    return "".join(
        f'<row r="{number}">{"".join(cell(number, column, value) for column, value in enumerate(cells))}</row>'
        for number, cells in enumerate(rows, start=first)
    )


def table(*rows: Cells, header: Cells = HEADER) -> str:
    """A header and rows."""
    return rows_of([header, *rows])


def worksheet(rows: str, behind: str = "") -> str:
    """The part of a sheet; `behind` stands behind its cells."""
    declaration = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{declaration}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def package(
    sheets: Mapping[tuple[str, str], str] | str, strings: str | None = None, styles: str | None = None
) -> bytes:
    """An xlsx. `sheets` maps name and state to the rows (or the whole part); a text alone is one visible sheet."""
    named = {("受托业绩", "visible"): sheets} if isinstance(sheets, str) else sheets
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(named) + 1)]
    parts = [rows if rows.startswith("<?xml") else worksheet(rows) for rows in named.values()]
    if strings is not None:
        targets.append(("sharedStrings", "sharedStrings.xml"))
        parts.append(f'<sst xmlns="{MAIN}">{strings}</sst>')
    if styles is not None:
        targets.append(("styles", "styles.xml"))
        parts.append(f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>')
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(named, start=1)
    )
    main = f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    workbook = f'<workbook xmlns="{MAIN}" xmlns:r="{_RELATIONS}"><sheets>{names}</sheets></workbook>'
    return archive(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{main}</Relationships>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
            "xl/workbook.xml": workbook,
            **{f"xl/{target}": part for (_, target), part in zip(targets, parts, strict=True)},
        }
    )


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()
