"""docs/errors.md, made from the error classes: `python -m extract.error_pages` writes it."""

from pathlib import Path

from extract.errors import WorkDataHubError
from extract.settings import ROOT

PAGE = ROOT / "docs" / "errors.md"
_HEAD = """# Errors

Made from `extract/errors.py` by `python -m extract.error_pages`; a test keeps it true. Every error names what happened
and what to do next; the exit code is that of its kind.
"""


def error_kinds(base: type[WorkDataHubError] = WorkDataHubError) -> list[type[WorkDataHubError]]:
    """Every kind of error that a user can meet, in the order of the source."""
    kinds = [base] if "template" in vars(base) else []
    return kinds + [kind for child in base.__subclasses__() for kind in error_kinds(child)]


def error_page() -> str:
    """The page as Markdown."""
    sections = [
        f"## {kind.title}\n\n`{kind.code()}`, exit code {kind.exit_code.value}. {(kind.__doc__ or '').strip()}\n\n"
        f"- Message: {kind.template}\n- Next: {kind.remedy}\n"
        for kind in sorted(error_kinds(), key=lambda kind: kind.title)
    ]
    return "\n".join([_HEAD, *sections])


if __name__ == "__main__":
    Path(PAGE).write_text(error_page(), encoding="utf-8")
