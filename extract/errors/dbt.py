"""What is wrong with the dbt project, its profile, or a build."""

from dataclasses import dataclass

from extract.errors.base import DataError, ExitCode, Lines, UsageError, Whole, WorkDataHubError


@dataclass(eq=False)
class PortTaken(UsageError):
    """`docs` cannot listen on the port."""

    address: Whole
    problem: Lines

    title = "Port taken"
    template = "cannot listen on {address}: {problem}"
    remedy = "end what uses it, or take another by --port (0 takes any free one)"


@dataclass(eq=False)
class SelectorEmpty(UsageError):
    """A selector of the dbt project chooses no model, so that a part of the setup would do nothing."""

    selector: Whole

    title = "Selector empty"
    template = "the selector {selector} of selectors.yml chooses no node of the dbt project; nothing was changed"
    remedy = "give the models that it means their tag, or mend selectors.yml; `dbt ls --selector {selector}` shows it"


@dataclass(eq=False)
class ProfileDiffers(UsageError):
    """profiles.yml is the user's own and names another database than the settings do."""

    profile: Whole
    settings: Whole

    title = "Profile differs"
    template = "profiles.yml names {profile}, the settings name {settings}; nothing was changed"
    remedy = "make them agree, or delete profiles.yml: it is then written to match the settings"


@dataclass(eq=False)
class BuildFailed(DataError):
    """dbt ran, and a model or a test failed: what was loaded is staged, and the marts stay as they were published."""

    failed: Lines
    marts: Lines

    title = "Build failed"
    template = "dbt build failed: {failed}; {marts}"
    remedy = (
        "the staged rows are safe: correct the workbook and load it again, or take the load out by "
        "`python run.py undo BATCH`; then run `dbt build`"
    )


@dataclass(eq=False)
class BuildOvertaken(WorkDataHubError):
    """A `dbt build` of somebody else began while this one ran; the later one goes on."""

    since: str
    invocation: Whole

    exit_code = ExitCode.LOCKED
    title = "Build overtaken"
    template = "another `dbt build` began at {since} (invocation {invocation}), so this one ended"
    remedy = "nothing is lost: wait until the other has ended, then build again"


@dataclass(eq=False)
class ProjectInvalid(WorkDataHubError):
    """dbt cannot parse or compile the project."""

    problem: Lines

    exit_code = ExitCode.PROJECT
    title = "dbt project invalid"
    template = "the dbt project does not parse: {problem}"
    remedy = "mend that file and run `dbt parse`"
