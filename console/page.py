"""What a person sees of a page that was written, and the browser that opens it."""

import webbrowser
from typing import TYPE_CHECKING

from rich.text import Text

from console.terminal import new_console, published_as, show_database
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.page.writing import Page


def show_page(page: "Page") -> None:
    """Where it is, of which month, and how the figures were published."""
    figures = page.figures
    show_database(figures.database)
    console = new_console()
    console.print(Text(say("Page:     {path}", path=page.path), style="bold"), soft_wrap=True)
    text = say(
        "  month {month}, published as {published}",
        month=f"{figures.month:%Y-%m}",
        published=published_as(figures.published),
    )
    console.print(Text(text), soft_wrap=True)
    unknown = [part.relation for part in figures.parts.values() if part.absence]
    if unknown:
        text = say("  not there, and so not on it: {relations}", relations=", ".join(unknown))
        console.print(Text(text, style="yellow"), soft_wrap=True)


def open_page(page: "Page") -> None:
    """Open it in the browser of the user; without one, where it is stands above."""
    webbrowser.open(page.path.absolute().as_uri())
