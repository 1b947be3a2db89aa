"""docs/errors.md, made from the error classes: `python -m extract.errors.pages` writes it."""

import importlib
from pathlib import Path

from extract.errors.base import WorkDataHubError

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
ROOMS = (
    "configuration",
    "domains",
    "files",
    "workbook",
    "table",
    "layout",
    "plan",
    "proposals",
    "database",
    "staging",
    "approvals",
    "dbt",
    "warehouse",
    "notices",
)
"""The modules of this package that define errors, in the order of a row's way."""
_HEAD = """# Errors

Made from the classes in `extract/errors/` by `python -m extract.errors.pages`; a test keeps it true. Every error names
what happened and what to do next; the exit code is that of its kind.
"""


def kinds_of(room: str) -> list[type[WorkDataHubError]]:
    """The kinds of error that one module defines, in the order of the source."""
    module = importlib.import_module(f"extract.errors.{room}")
    own = (value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__)
    return [kind for kind in own if isinstance(kind, type) and issubclass(kind, WorkDataHubError)]


def error_kinds() -> list[type[WorkDataHubError]]:
    """Every kind of error that a user can meet, room by room."""
    return [kind for room in ROOMS for kind in kinds_of(room)]


def error_page() -> str:
    """The page as Markdown: a chapter for each room, a section for each kind."""
    parts = [_HEAD]
    for room in ROOMS:
        module = importlib.import_module(f"extract.errors.{room}")
        parts.append(f"## {room.capitalize()}\n\n{(module.__doc__ or '').strip()}\n")
        parts += [_section(kind) for kind in kinds_of(room)]
    return "\n".join(parts)


def _section(kind: type[WorkDataHubError]) -> str:
    return (
        f"### {kind.title}\n\n`{kind.code()}`, exit code {kind.exit_code.value}. {(kind.__doc__ or '').strip()}\n\n"
        f"- Message: {kind.template}\n- Next: {kind.remedy}\n"
    )


if __name__ == "__main__":
    PAGE.write_text(error_page(), encoding="utf-8")
