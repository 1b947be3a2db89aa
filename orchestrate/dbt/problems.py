"""Messages of dbt with the file and line that they are about."""

import re
from collections.abc import Sequence
from pathlib import Path

_PATH = re.compile(r"\(?((?:[\w.-]+/)+[\w.-]+\.(?:sql|ya?ml|csv|md)|dbt_project\.yml|selectors\.yml)\)?")
_READING = re.compile(r"Error reading [\w.-]+: (\S+\.ya?ml)")
"""dbt names a file that is no YAML from the directory on that it searched."""
_LINE = re.compile(r"\bline (\d+)")
_QUOTED = re.compile(r"['\"]([^'\"\n]+)['\"]")


def one_line(error: object) -> str:
    """A message on one line."""
    return " ".join(str(error).split())


def located(problem: str, root: Path) -> str:
    """A message of dbt with file and line in front, as far as they can be found."""
    reading, named = _READING.search(problem), _PATH.search(problem)
    if reading:
        path = _found_below(root, reading[1])
    elif named:
        path = named[1]
    else:
        return problem
    line = _LINE.search(problem)
    number = int(line[1]) if line else _line_of(root / path, _QUOTED.findall(problem))
    return f"{path}:{number}: {problem}" if number else f"{path}: {problem}"


def _found_below(root: Path, end: str) -> str:
    """The path of the file whose path ends so, as far as there is just one."""
    found = [path.relative_to(root) for path in root.glob(f"[!.]*/**/{end}")]
    return found[0].as_posix() if len(found) == 1 else end


def _line_of(path: Path, names: Sequence[str]) -> int | None:
    """The first line of a file that holds one of the names that a message quotes; the last quoted are tried first."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for name in reversed(names):
        for number, line in enumerate(lines, start=1):
            if name in line:
                return number
    return None
