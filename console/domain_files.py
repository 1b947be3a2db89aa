"""What `domain-sql` prints: each part of the dbt project below the place where it goes."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from extract.commands import shown_path
from extract.wording import say

if TYPE_CHECKING:
    from orchestrate.dbt.domain_files import DomainFile


def show_domain_files(files: "Sequence[DomainFile]") -> None:
    """The parts as they can be copied: nothing is wrapped, and the places are comments."""
    for file in files:
        sys.stdout.write(f"# {file.place}\n{file.text}\n")


def show_written(paths: Sequence[Path]) -> None:
    """The files that were written, or written into; each once."""
    for path in dict.fromkeys(paths):
        sys.stdout.write(say("written: {path}", path=shown_path(path)) + "\n")
