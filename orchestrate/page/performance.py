"""The sections on the figures: jumps against the month before, companies over time, and plans with their drawdown."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from markupsafe import Markup

from extract.wording import say
from extract.words import word
from orchestrate.page.charts import Point, bar, line
from orchestrate.page.frame import Sight, absent, named, section
from orchestrate.page.markup import (
    NOTHING,
    Column,
    amount,
    count,
    coverage,
    element,
    folded,
    left_out,
    month,
    note,
    share,
    table,
    text,
    typed_as,
)
from orchestrate.page.parts import Part, Row

_MUCH = Decimal(3)
"""The factor from which on the test `companies_change_gradually` warns."""
_BEST = 10


def is_jump(part: Part, row: Row) -> bool:
    """Whether a figure of a company is beyond three times, or below a third of, its month before; or came, or went."""
    factor = part.value(row, "factor")
    came_or_went = part.value(row, "has_appeared") or part.value(row, "has_vanished")
    return bool(came_or_went) or (factor is not None and Decimal(str(factor)) > _MUCH)


def jumps(sight: Sight) -> Markup:
    """Size, return and number of plans of each company against the month before."""
    part = sight.figures["jumps"]
    title = say("Jumps against the month before")
    if part.absence:
        return section("jumps", title, absent(part))
    far = [row for row in part.rows if is_jump(part, row)]
    content: list[object] = [
        _jump_table(sight, part, far, "table-jumps")
        if far
        else note(say("No company is beyond three times, or below a third of, its month before"))
    ]
    if sight.tests and not sight.tests.of_published:
        content.insert(0, note(say("These are of the last build, which published nothing"), "warn"))
    compared = sight.figures["compared"]
    if compared:
        every = _jump_table(sight, compared, compared.rows, "table-all-jumps")
        content.append(folded(say("All that can be compared"), every))
    command = sight.command("explain", "COMPANY", sight.period, "MEASURE", "--reason", "REASON")
    if command:
        content.append(typed_as(say("Where a figure is right, say why:"), command))
    return section("jumps", title, *content)


def _jump_table(sight: Sight, part: Part, rows: Sequence[Row], name: str) -> Markup:
    measures = {"fund_scale": say("scale"), "return_rate": say("median of absolute returns"), "plans": say("plans")}
    columns = (
        Column(say("Company"), named(sight.figures.names("company"))),
        Column(say("Figure"), lambda measure: text(measures.get(str(measure), measure))),
        Column(say("Month before"), lambda pair: _of_measure(pair), number=True),
        Column(say("This month"), lambda pair: _of_measure(pair), number=True),
        Column(say("Factor"), amount, number=True),
        Column(say("Explained by")),
    )
    lines = []
    for row in rows:
        code, measure, old, new, factor, reason = (
            part.value(row, column)
            for column in ("company_code", "measure", "old_value", "new_value", "factor", "explained_by")
        )
        lines.append((code, measure, (measure, old), (measure, new), factor, reason))
    tints = ["warn" if is_jump(part, row) and not part.value(row, "explained_by") else "" for row in rows]
    return table(columns, lines, name, tints)


def _of_measure(pair: object) -> Markup:
    """A figure as its measure is read: of returns per cent, of plans a number."""
    measure, value = pair if isinstance(pair, tuple) else ("", pair)
    if value is None:
        return NOTHING
    if measure == "return_rate":
        return share(value)
    if measure == "plans":
        return count(int(Decimal(str(value))))
    return amount(value)


def companies(sight: Sight) -> Markup:
    """Return and scale of each company over the months."""
    part = sight.figures["companies"]
    title = say("Companies over time")
    if part.absence:
        return section("companies", title, absent(part))
    names = sight.figures.names("company")
    panels = element("div", *(_panel(sight, part, code, names) for code in _codes(part)), class_="panels")
    columns = (
        Column(say("Month"), month),
        Column(say("Company"), named(names)),
        Column(say("Plans"), count, number=True),
        Column(say("Scale"), amount, number=True),
        Column(say("Return by scale"), share, number=True),
        Column(say("Plans with a return"), coverage, number=True),
        Column(say("Scale with a return"), coverage, number=True),
    )
    order = ("report_date", "company_code", "plans_reported", "fund_scale", "weighted_return", "plan_coverage",
             "scale_coverage")  # fmt: skip
    this = part.where("report_date", sight.figures.month)
    plain = (columns[0], Column(say("Company")), *columns[2:])
    return section(
        "companies", title, panels,
        element("h3", say("This month")),
        table(columns[1:], ([this.value(row, name) for name in order[1:]] for row in this.rows), "table-companies"),
        folded(say("All months"), table(plain, ([part.value(row, name) for name in order] for row in part.rows),
                                        "table-company-months")),
        left_out(part.more),
    )  # fmt: skip


def _codes(part: Part) -> list[object]:
    """The companies, those first that were largest at the end."""
    last = dict(zip(part.values("company_code"), part.values("fund_scale"), strict=True))
    return sorted(last, key=lambda company: Decimal(str(last[company] or 0)), reverse=True)


def _panel(sight: Sight, part: Part, code: object, names: dict[object, str]) -> Markup:
    own = part.where("company_code", code)
    by_month = {own.value(row, "report_date"): row for row in own.rows}
    last = by_month.get(sight.figures.month)

    def points(column: str, write: object) -> Iterator[Point]:
        for day in sight.figures.months:
            value = own.value(by_month[day], column) if day in by_month else None
            yield f"{day:%Y-%m}: {write(value) if callable(write) else value}", value

    returns = line(list(points("weighted_return", share)), say("Return by scale"), "return")
    scales = line(list(points("fund_scale", amount)), say("Scale"), "scale")
    told = element("p", say("Return by scale"), " ", share(own.value(last, "weighted_return")) if last else NOTHING)
    size = element("p", say("Scale"), " ", amount(own.value(last, "fund_scale")) if last else NOTHING)
    return element("div", element("h3", text(names.get(code) or code)), told, returns, size, scales, class_="panel")


def plans(sight: Sight) -> Markup:
    """The best and the worst plans by their return, with their drawdown; and all of them."""
    part = sight.figures["plans"]
    title = say("Plans, best and worst")
    if part.absence:
        return section("plans", title, absent(part))
    if not part:
        return section("plans", title, note(say("No plan has figures of this month")))
    position = part.columns.index("return_rate")
    ranked = sorted(
        (row for row in part.rows if row[position] is not None),
        key=lambda row: Decimal(str(row[position])),
        reverse=True,
    )
    without = [row for row in part.rows if row[position] is None]
    content: list[object] = []
    if ranked:
        worst = ranked[max(_BEST, len(ranked) - _BEST) :][::-1]
        content += [element("h3", say("Highest return")), _plan_table(sight, ranked[:_BEST], "table-best")]
        content += [element("h3", say("Lowest return")), _plan_table(sight, worst, "table-worst")] if worst else []
    else:
        content.append(note(say("No plan has a return for this month")))
    every = say("All {plans:,} plans, with the cell that each figure came from", plans=len(part.rows))
    content.append(
        folded(every, _plan_table(sight, [*ranked, *without], "table-plans", whole=True), left_out(part.more))
    )
    command = sight.command("trace", "PLAN", sight.period)
    if command:
        content.append(typed_as(say("Where a figure comes from, version by version:"), command))
    return section("plans", title, *content)


def _plan_table(sight: Sight, rows: Sequence[Row], name: str, *, whole: bool = False) -> Markup:
    part, cells = sight.figures["plans"], sight.figures["cells"]
    where = {(cells.value(row, "plan_code"), cells.value(row, "company_code")): row for row in cells.rows}
    widest = max((abs(Decimal(str(value))) for value in part.values("return_rate") if value is not None),
                 default=Decimal(0))  # fmt: skip

    def drawn(value: object) -> Markup:
        return bar(value, widest) + share(value)

    def rank(pair: object) -> Markup:
        place, of = pair if isinstance(pair, tuple) else (None, None)
        return NOTHING if place is None else element("span", count(place), " / ", count(of), class_="together")

    def cell(key: object) -> Markup:
        row = where.get(key)  # type: ignore[call-overload]
        if row is None:
            return NOTHING
        batch = say("batch {batch}", batch=cells.value(row, "batch_id"))
        place = f"{cells.value(row, 'source_sheet')}!{cells.value(row, 'source_row')}"
        return text(cells.value(row, "data_source")) + element("small", text(place), ", ", batch)

    plan_names, company_names = sight.figures.names("plan"), sight.figures.names("company")
    columns = [
        Column(say("Plan"), named(plan_names)),
        Column(say("Company"), text if whole else named(company_names)),
        Column(say("Return"), share if whole else drawn, number=True),
        Column(say("Year to date"), _year_to_date, number=True),
        Column(say("Twelve months"), share, number=True),
        Column(say("Drawdown"), share, number=True),
        Column(say("Unit value"), amount, number=True),
        Column(say("Scale"), amount, number=True),
        Column(say("Against company"), share, number=True),
        Column(say("Rank"), rank),
        Column(say("Workbook, row, batch"), cell),
    ]
    figures = ("return_rate", "ytd_return", "trailing_12_return", "drawdown", "net_asset_value", "fund_scale",
               "excess_return")  # fmt: skip
    lines = []
    for row in rows:
        key = (part.value(row, "plan_code"), part.value(row, "company_code"))
        placed = (part.value(row, "rank_in_company"), part.value(row, "ranked_plans"))
        one, year, *others = (part.value(row, figure) for figure in figures)
        why = part.value(row, "ytd_missing_reason") if "ytd_missing_reason" in part.columns else None
        lines.append((*key, one, (year, why), *others, placed, key))
    return table(columns, lines, name)


def _year_to_date(pair: object) -> Markup:
    """The return of the year, or why there is none, where the mart tells."""
    value, why = pair if isinstance(pair, tuple) else (pair, None)
    if value is not None or why is None:
        return share(value)
    return NOTHING + element("small", word(str(why)))
