"""An ods is read as it shows: formats of texts, hidden numbers, lines through, comments and text boxes."""

from pathlib import Path

import pytest

from conftest import HEADER
from extract.domains.registry import Domain
from layouts import GOOD, book, outcome, respell, row
from reading import read

_TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
_RATE, _SCALE = (f'<table:table-cell office:value-type="float" office:value="{value}"/>' for value in (0.0123, 1000000))
_DRAW = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
_TABLE = '<table:table table:name="受托业绩">'


def changed(folder: Path, old: str, new: str) -> Path:
    """An ods of two rows in which the first place of something is something else."""

    def change(parts: dict[str, bytes]) -> dict[str, bytes]:
        content = parts["content.xml"].decode()
        assert old in content
        return parts | {"content.xml": content.replace(old, new, 1).encode()}

    return respell(book(folder, [HEADER, row("P1"), row("P2")], "ods"), change)


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        (
            _TEXT.format("P1"),
            '<table:table-cell office:value-type="string" office:string-value="0012"><text:p>99JH0012</text:p>'
            "</table:table-cell>",
            f"99JH0012 {GOOD}",
        ),
        (_RATE, _RATE.replace("/>", ' table:style-name="ce1"><text:p/></table:table-cell>'), f"P2 {GOOD}"),
        (
            _RATE,
            _RATE.replace("0.0123", "0").replace("/>", "><text:p> </text:p></table:table-cell>"),
            f"P1 0.000000{GOOD[8:]}",
        ),
    ],
)
def test_a_cell_is_what_it_shows(old: str, new: str, first: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(read(changed(tmp_path, old, new), domain))[0] == first


@pytest.mark.parametrize(
    ("value", "text", "first"),
    [
        ("0.0123", "-0.0123", f"P2 {GOOD}"),
        ("0.0123", "(0.0123)", f"P2 {GOOD}"),
        ("0.0123", "0.0123", f"P1 {GOOD}"),
        ("-0.0123", "-0.0123", f"P1 -{GOOD}"),
        ("-0.0123", "(0.0123)", f"P1 -{GOOD}"),
        ("0", "-", f"P1 0.000000{GOOD[8:]}"),
        ("0", "-0.00", f"P1 0.000000{GOOD[8:]}"),
    ],
)
def test_a_positive_figure_is_not_shown_as_a_negative_one(
    value: str, text: str, first: str, tmp_path: Path, domain: Domain
) -> None:
    cell = _RATE.replace("0.0123", value).replace("/>", f"><text:p>{text}</text:p></table:table-cell>")
    assert outcome(read(changed(tmp_path, _RATE, cell), domain))[0] == first


def test_a_line_through_may_be_named_by_its_type_alone(tmp_path: Path, domain: Domain) -> None:
    style = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><style:style '
        'style:name="T1" style:family="text"><style:text-properties style:text-line-through-type="single"/>'
        "</style:style></office:automatic-styles><office:body>"
    )
    path = changed(tmp_path, _SCALE, _TEXT.format('<text:span text:style-name="T1">1000</text:span>2000'))
    respell(
        path,
        lambda parts: (
            parts | {"content.xml": parts["content.xml"].decode().replace("<office:body>", style, 1).encode()}
        ),
    )
    assert outcome(read(path, domain)) == [f"P2 {GOOD}", "G2 invalid_number"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            _TEXT.format("规模"),
            _TEXT.format("规模").replace(
                "<text:p>", "<office:annotation><text:p>单位：万元</text:p></office:annotation><text:p>"
            ),
        ),
        (
            _TABLE,
            f"{_TABLE}<table:shapes><draw:frame {_DRAW}><draw:text-box><text:p>单位：万元</text:p></draw:text-box>"
            "</draw:frame></table:shapes>",
        ),
        (
            _TABLE,
            f"{_TABLE}<table:shapes><draw:custom-shape {_DRAW}><text:p>单位：<text:span>万元</text:span></text:p>"
            "</draw:custom-shape></table:shapes>",
        ),
    ],
)
def test_comments_and_text_boxes_state_units(old: str, new: str, tmp_path: Path, domain: Domain) -> None:
    assert outcome(read(changed(tmp_path, old, new), domain))[0] == "P1 0.012300 1.2345 10000000000.00"
