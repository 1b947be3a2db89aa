"""What approvals, closings, and the questions about a figure or a month refuse."""

from dataclasses import dataclass

from extract.errors.base import DataError, Lines, UsageError, Whole


@dataclass(eq=False)
class ApprovalRequired(UsageError):
    """A domain with `require_approval` is loaded by approved plans only."""

    domain: str

    title = "Approval required"
    template = "{domain} has require_approval: --execute loads nothing of it; nothing was loaded"
    remedy = (
        "make a plan by --diff --plan-dir PLAN, let somebody else run `python run.py approve PLAN --comment TEXT`, and"
        " load it by `python run.py apply PLAN`"
    )


@dataclass(eq=False)
class ApprovalMissing(DataError):
    """`apply` found no approval of the plan by another person."""

    domain: str
    plan: Whole
    problem: Whole

    title = "Approval missing"
    template = "{domain} has require_approval, and plan {plan} lacks one that counts: {problem}; nothing was loaded"
    remedy = "let somebody else review the plan and run `python run.py approve PLAN --comment TEXT`, then apply it"


@dataclass(eq=False)
class ApproverIsPlanner(DataError):
    """Whoever made a plan does not approve it."""

    path: Whole
    planned_by: str
    approver: str

    title = "Approver is planner"
    template = "the plan {path} was made by {planned_by}, so {approver} cannot approve it; nothing was written"
    remedy = "let somebody with another login of the system review and approve it"


@dataclass(eq=False)
class KeysMoved(DataError):
    """Later batches have changed keys of a plan since its comparison with the mart."""

    count: int
    position: int
    examples: Whole

    title = "Keys moved"
    template = "{count} keys of the plan have changed since it was compared, at batch {position}: {examples}"
    remedy = "nothing was loaded: compare it again by `apply PLAN --diff`, or let it pass by --accept moved_keys"


@dataclass(eq=False)
class ComparedElsewhere(DataError):
    """A plan was compared with the marts of another database than the one that it is applied to."""

    position: int
    loaded_at: str

    title = "Compared elsewhere"
    template = "the plan was compared at batch {position} of {loaded_at} UTC, and this database has no such batch"
    remedy = (
        "nothing was loaded: name the database by WDH_DATABASE__*, compare the plan with this one by `apply PLAN"
        " --diff`, or let it pass by --accept moved_keys"
    )


@dataclass(eq=False)
class MendsOvertaken(DataError):
    """Rows of a rejects.xlsx were mended after another workbook had brought figures of their keys."""

    count: int
    examples: Whole

    title = "Mends overtaken"
    template = "{count} mended rows would replace figures that were loaded after they were rejected: {examples}"
    remedy = (
        "nothing was loaded: delete these rows from the rejects workbook and `waive` their rejects, or let them replace"
        " the later figures by --accept mends_overtaken"
    )


@dataclass(eq=False)
class MonthClosed(DataError):
    """A load or an undo would change a month that is closed."""

    months: Whole

    title = "Month closed"
    template = "this would change months that are closed: {months}; nothing was loaded"
    remedy = "leave it, or give the reason by --reopen REASON; then build, and close the months again"


@dataclass(eq=False)
class MonthNotClosable(DataError):
    """A month cannot be closed yet."""

    month: str
    problems: Lines

    title = "Month not closable"
    template = "{month} cannot be closed yet:\n{problems}"
    remedy = "settle each of these by its command, then close the month"


@dataclass(eq=False)
class FigureUnknown(DataError):
    """No version of the figure is known."""

    plan: str
    month: str
    company: str = ""

    title = "Figure unknown"
    template = "no load brought a figure of plan {plan}{company} for {month}"
    remedy = "see the codes in marts.trustee_performance, and what was loaded by `python run.py history`"


@dataclass(eq=False)
class MonthUnknown(DataError):
    """Nothing of a month was ever loaded."""

    month: str

    title = "Month unknown"
    template = "no load brought anything of {month}"
    remedy = "see the months by `python run.py history`"
