"""Drawings of the page as SVG: lines over the months, stacked bars, a bar in a row. Each point tells its figure.

What is drawn is rounded to a tenth of a pixel; the figures themselves stand beside it as text.
"""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from orchestrate.page.markup import element, joined

_WIDTH, _HEIGHT, _EDGE = 240.0, 56.0, 4.0
Point = tuple[str, object]
"""What a point is called when it is pointed at, and its figure; None is a gap."""


def line(points: Sequence[Point], label: str, kind: str) -> Markup:
    """A line over the months, broken where a figure is missing, with a line at zero where figures change sign."""
    figures = [float(str(value)) for _, value in points if value is not None]
    if not figures:
        return Markup("")
    low, high = min(figures), max(figures)
    low, high = (min(low, 0.0), max(high, 0.0)) if kind == "return" else (low, high)
    places = [
        None if value is None else (_across(number, len(points)), _up(float(str(value)), low, high))
        for number, (_, value) in enumerate(points)
    ]
    zero = _up(0.0, low, high)
    axis = element("line", x1=_EDGE, x2=_WIDTH - _EDGE, y1=zero, y2=zero, class_="axis") if low <= 0 <= high else ""
    runs = joined(
        element("polyline", points=" ".join(f"{x},{y}" for x, y in run), class_=f"line {kind}") for run in _runs(places)
    )
    dots = joined(
        element("circle", element("title", told), cx=place[0], cy=place[1], r=2, class_=f"dot {kind}")
        for (told, _), place in zip(points, places, strict=True)
        if place
    )
    return _drawing(_WIDTH, _HEIGHT, label, axis, runs, dots)


def stacked(columns: Sequence[tuple[str, Sequence[tuple[str, int]]]], label: str) -> Markup:
    """A column for each month; each is a name and its layers, from the bottom, as class and height."""
    width, height, foot = 720.0, 150.0, 18.0
    highest = max((sum(number for _, number in layers) for _, layers in columns), default=0) or 1
    step = (width - 2 * _EDGE) / max(len(columns), 1)
    parts = []
    for position, (name, layers) in enumerate(columns):
        left, top = _EDGE + position * step, height - foot
        for kind, number in layers:
            tall = round(number / highest * (height - foot - _EDGE), 1)
            if number:
                tall = max(tall, 1.5)  # a reject among thousands of rows is to be seen
                top -= tall
                title = element("title", f"{name}: {number:,}")
                parts.append(element("rect", title, x=round(left + 1, 1), y=round(top, 1),
                                     width=round(min(step - 2, 40), 1), height=tall, class_=kind))  # fmt: skip
        if len(columns) <= 12 or position % 3 == 0:
            parts.append(element("text", name, x=round(left + 1, 1), y=height - 4, class_="tick"))
    return _drawing(width, height, label, *parts)


def bar(value: object, widest: Decimal) -> Markup:
    """A bar from the middle to the right, or to the left where the figure is negative; nothing for none."""
    if value is None or not widest:
        return Markup("")
    figure = Decimal(str(value))
    long = round(float(abs(figure) / widest) * 30, 1)
    left = 30.0 if figure >= 0 else round(30 - long, 1)
    kind = "up" if figure >= 0 else "down"
    shape = element("rect", x=left, y=2, width=long, height=8, class_=kind)
    return Markup('<svg class="bar" viewBox="0 0 60 12" aria-hidden="true">{}</svg>').format(shape)


def _drawing(width: float, height: float, label: str, *content: object) -> Markup:
    inside = joined((element("title", label), *content))
    frame = '<svg class="chart" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>'
    return Markup(frame).format(width, height, label, inside)


def _across(number: int, of: int) -> float:
    return round(_EDGE + (number / (of - 1) if of > 1 else 0.5) * (_WIDTH - 2 * _EDGE), 1)


def _up(value: float, low: float, high: float) -> float:
    part = (value - low) / (high - low) if high > low else 0.5
    return round(_HEIGHT - _EDGE - part * (_HEIGHT - 2 * _EDGE), 1)


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if len(run) > 1]
