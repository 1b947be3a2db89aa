"""Which revision of the checkout runs, asked of git."""

import shutil
import subprocess
from pathlib import Path


def git_revision(root: Path) -> tuple[str | None, bool]:
    """The commit that is checked out, and whether tracked files differ from it; None where there is no git."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None, False

    def ask(*arguments: str) -> str | None:
        done = subprocess.run(
            [git, "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else None

    changed = ask("status", "--porcelain", "--untracked-files=no")
    return ask("rev-parse", "HEAD"), bool(changed)
