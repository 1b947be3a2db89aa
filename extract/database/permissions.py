"""What to do where the server denies a permission: which role of config/roles.sql a command needs."""

import re

from extract.errors.database import PermissionDenied
from extract.modes import MARTS, STAGING

_ADVICE = {
    r"for table (?:approvals|waivers|closings)\b": "`approve`, `waive` and `close` run as workdatahub_approver",
    rf"for schema {STAGING}\b": (
        "run it as workdatahub_loader (prune: as a member of it); tables of staging that are missing are made by"
        " `python run.py setup --staging`, as a member of workdatahub_staging"
    ),
    rf"for schema {MARTS}\b": (
        "--diff runs as workdatahub_reader, prune as a login that is a member of workdatahub_loader and of"
        " workdatahub_reader, `repair history` as workdatahub_transformer, `close` and `audit` as workdatahub_approver"
    ),
    r"for database\b": (
        "an administrator must run config/roles.sql in this database, which makes the schemas and the roles, or let"
        " this role create schemas in it"
    ),
    r"must be owner of": (
        "`python run.py setup --staging`, run as a member of workdatahub_staging, brings older tables up to date; a"
        " table of another owner is moved by config/roles.sql"
    ),
}
_OTHERWISE = (
    "loads run as workdatahub_loader, --diff as workdatahub_reader, `dbt build` and `repair history` as"
    " workdatahub_transformer, `approve`, `waive`, `close` and `audit` as workdatahub_approver"
)


def permission_denied(target: str, role: str, problem: str) -> PermissionDenied:
    """The error for a message of the server such as `permission denied for schema marts`, with the fitting advice."""
    advice = next((text for pattern, text in _ADVICE.items() if re.search(pattern, problem)), _OTHERWISE)
    return PermissionDenied(target=target, role=role, problem=problem, advice=advice)
