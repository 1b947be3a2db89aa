"""The page as a whole: its head with the numbers one looks for first, its sections, its look and its script.

The page asks nobody for anything: its policy lets only its own style and script run, by their hashes, so that no text
from a workbook can, even where it were not escaped.
"""

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

from extract.wording import again, language, say
from orchestrate.page import account, performance, persons
from orchestrate.page.frame import Sight, Tile
from orchestrate.page.markup import count, element, joined, moment, note, text
from orchestrate.page.performance import is_jump

_FOLDER = Path(__file__).parent
_SECTIONS = (
    account.submissions,
    account.rows,
    account.rejects,
    performance.jumps,
    performance.companies,
    performance.plans,
    persons.restatements,
    persons.tests,
    persons.persons,
)


def document(sight: Sight, written: datetime) -> str:
    """The page as HTML."""
    style, script = (_FOLDER.joinpath(name).read_text(encoding="utf-8") for name in ("look.css", "tables.js"))
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    title = say("Month {month}", month=sight.period)
    head = joined(
        (
            Markup('<meta charset="utf-8">'),
            Markup('<meta http-equiv="Content-Security-Policy" content="{}">').format(policy),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            Markup("<style>{}</style>").format(Markup(style)),
        )
    )
    sections = [make(sight) for make in _SECTIONS]
    body = joined(
        (
            _header(sight, title, written),
            element("main", *sections),
            element("span", hidden="", data_filter=say("Filter this table")),
            Markup("<script>{}</script>").format(Markup(script)),
        )
    )
    page = '<!doctype html>\n<html lang="{}">\n<head>{}</head>\n<body>{}</body>\n</html>\n'
    return str(Markup(page).format(language(), head, body))


def _hash(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _header(sight: Sight, title: str, written: datetime) -> Markup:
    published = sight.figures.published
    told = say("Published with batch {batch}", batch=published.batch_id)
    lines = [
        element("p", told, ", ", moment(published.published_at)),
        element("p", text(again(sight.figures.database))),
        element("p", say("Written"), " ", moment(written)),
    ]
    if not published.tested:
        lines.append(note(say("These figures were published without their tests: run `dbt build`"), "bad"))
    links = (
        ("submissions", say("Submissions")),
        ("rows", say("Rows")),
        ("rejects", say("Rejects")),
        ("jumps", say("Jumps")),
        ("companies", say("Companies")),
        ("plans", say("Plans")),
        ("restatements", say("Restated figures")),
        ("tests", say("Tests")),
        ("persons", say("Who")),
    )
    jumps = element("nav", *(element("a", words, href=f"#{name}") for name, words in links))
    tiles = element("div", *map(_tile, _tiles(sight)), class_="tiles")
    return element("header", element("h1", title), *lines, jumps, tiles)


def _tile(tile: Tile) -> Markup:
    figure = element("b", "?" if tile.figure is None else count(tile.figure))
    return element("div", figure, element("span", tile.words), class_=f"tile {tile.kind}")


def _tiles(sight: Sight) -> list[Tile]:
    """The numbers one looks for first; a question mark where nothing is known."""
    figures = sight.figures
    month = figures["quality"].where("report_date", figures.month)
    counts = {
        name: None if figures["quality"].absence else int(str(month.values(name)[0])) if month else 0
        for name in ("rows_read", "rows_loaded", "rows_rejected", "rows_skipped")
    }
    submissions, rejects, jumps = figures["submissions"], figures["rejects"], figures["jumps"]
    missing = None if submissions.absence else submissions.values("status").count("missing")
    opened = rejects.values("status").count("open") if not rejects.absence else None
    if opened is None and not figures["quality"].absence:
        opened = int(str(month.values("rows_rejected_open")[0])) if month else 0
    far = [row for row in jumps.rows if is_jump(jumps, row) and not jumps.value(row, "explained_by")]
    restated = sum(len(part.rows) + part.more for part in figures.restatements)
    known = any(part.absence is None for part in figures.restatements)
    return [
        Tile(missing, say("companies missing"), "bad" if missing else "calm"),
        Tile(counts["rows_read"], say("rows read")),
        Tile(counts["rows_loaded"], say("rows loaded")),
        Tile(counts["rows_rejected"], say("rows rejected"), "warn" if counts["rows_rejected"] else "calm"),
        Tile(counts["rows_skipped"], say("rows skipped")),
        Tile(opened, say("rejects open"), "bad" if opened else "calm"),
        Tile(None if jumps.absence else len(far), say("jumps without a reason"), "warn" if far else "calm"),
        Tile(restated if known else None, say("figures restated")),
        Tile(_warned(sight), say("tests warned"), "warn" if _warned(sight) else "calm"),
        Tile(_failed(sight), say("tests failed"), "bad" if _failed(sight) else "calm"),
    ]


def _warned(sight: Sight) -> int | None:
    return sight.tests.count("warn") if sight.tests and sight.tests.of_published else None


def _failed(sight: Sight) -> int | None:
    """How many tests failed; one that published nothing tells of failures only: it may have been of a part."""
    if sight.tests is None:
        return None
    failed = sum(sight.tests.count(status) for status in ("fail", "error", "could not run"))
    return failed if failed or sight.tests.of_published else None
