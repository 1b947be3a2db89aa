"""What goes wrong in writing a plan, or in opening one for `apply`."""

from dataclasses import dataclass

from extract.errors.base import DataError, UsageError, Whole


@dataclass(eq=False)
class PlanDirectoryUnusable(UsageError):
    """The plan directory cannot be made, or is not empty."""

    path: Whole
    problem: str

    title = "Plan directory unusable"
    template = "the plan cannot be written to {path}: {problem}"
    remedy = "name a new or empty directory by --plan-dir"


@dataclass(eq=False)
class PlanMissing(UsageError):
    """`apply` names no plan directory."""

    path: Whole

    title = "Plan missing"
    template = "there is no plan in {path} (no plan.json)"
    remedy = "name a directory that `python run.py` wrote, usually below plans/"


@dataclass(eq=False)
class PlanChanged(DataError):
    """A file of a plan is not what it was when the plan was written."""

    path: Whole
    problem: str

    title = "Plan changed"
    template = "{path} is not what was planned: {problem}"
    remedy = "nothing was loaded: restore the plan directory, or make and review a new plan"


@dataclass(eq=False)
class PlanIdDiffers(DataError):
    """The plan is not the one that `apply --id` names."""

    path: Whole
    expected: str
    found: str

    title = "Plan id differs"
    template = "the plan {path} has the id {found}, and what was released is {expected}"
    remedy = "nothing was loaded: get the plan of that id, or review this one; a comparison made later gives a new id"


@dataclass(eq=False)
class PlanOfOtherMonth(UsageError):
    """The plan that `month` shall load holds no workbook of that month."""

    path: Whole
    month: str
    found: str

    title = "Plan of other month"
    template = "the plan {path} is of {found}, not of {month}; nothing was loaded"
    remedy = "name the month of the plan: python run.py month {found} --plan {path}"


@dataclass(eq=False)
class PlanNotReady(DataError):
    """A plan of a failed run cannot be applied."""

    path: Whole
    errors: Whole

    title = "Plan not ready"
    template = "the plan {path} is that of a failed run: {errors}"
    remedy = "mend what failed and make a new plan"


@dataclass(eq=False)
class PlanOutdated(DataError):
    """The configuration or the rules have changed since the plan was made."""

    path: Whole
    planned: Whole
    now: Whole

    title = "Plan outdated"
    template = "the plan {path} was made under other rules or another configuration ({planned}; now {now})"
    remedy = "nothing was loaded: make and review a new plan"


@dataclass(eq=False)
class SourcesChanged(DataError):
    """Workbooks of a plan are not what they were when the plan was made."""

    changes: Whole

    title = "Sources changed"
    template = "workbooks have changed since the plan was made: {changes}"
    remedy = (
        "make a new plan, name the data directory by --data-dir, or load the planned rows by --allow-changed-sources"
    )


@dataclass(eq=False)
class DiskFailed(DataError):
    """A file cannot be written, usually because the disk is full."""

    path: Whole
    problem: str

    title = "Disk failed"
    template = "{path} cannot be written: {problem}"
    remedy = "make room or choose another place, then run again"


@dataclass(eq=False)
class KeysShared(DataError):
    """Two files of one run hold the same keys, and are no versions of one period."""

    first: str
    second: str
    keys: int
    example: str

    title = "Keys shared"
    template = "{first} and {second} share {keys} keys, for example {example}, and are no versions of one period"
    remedy = (
        "load only one of them, or add what tells them apart to the key of the domain;"
        " --accept keys_in_several_files loads both, and the later one counts"
    )
