"""Commands that are shown to be typed: no part of a name is a command of its own, whatever the shell."""

import shlex

import pytest

from extract.commands import NOT_SHOWN, typed, typed_on_windows


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("2024-11_受托业绩报告.xlsx", "2024-11_受托业绩报告.xlsx"),
        (r"C:\data\a.xlsx", r"C:\data\a.xlsx"),
        ("a b.xlsx", '"a b.xlsx"'),
        ("a&calc.xlsx", '"a&calc.xlsx"'),
        ("a|calc;calc>x.xlsx", '"a|calc;calc>x.xlsx"'),
        ("a\\b c\\", '"a\\b c\\\\"'),
        ("$(calc).xlsx", NOT_SHOWN),
        ("%CMDCMDLINE:~-1%&calc.xlsx", NOT_SHOWN),
        ("a`n.xlsx", NOT_SHOWN),
        ("a\u201d;calc;\u201cb.xlsx", NOT_SHOWN),
        ('a" & calc & "b.xlsx', NOT_SHOWN),
    ],
)
def test_names_on_windows(name: str, shown: str) -> None:
    assert typed_on_windows(["python", "run.py", "--file", name]) == f"python run.py --file {shown}"


def test_names_elsewhere() -> None:
    command = ["python", "run.py", "--file", "$(calc) `calc` & \" '.xlsx"]
    assert shlex.split(typed(command)) == command
