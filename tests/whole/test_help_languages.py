"""`--help` and what a wrong command line is told are in the language of the reader, wherever it is named."""

import re

import openpyxl
import pytest

from conftest import ROW, Checkout, WriteWorkbook
from console.asked_language import asked_language
from console.help_texts import wrapped
from extract.errors.base import ExitCode


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--help", "--language", "zh"), "用法： run.py"),
        (("--language", "zh", "-h"), "显示谁尚未报送。"),
        (("server", "stop", "--help", "--language=zh"), "停止内嵌服务器及其会话；数据保留。"),
        (("apply", "--language", "zh"), "错误：缺少参数 'PLAN'"),
        (("page", "--perod", "202401", "--language", "zh"), "没有选项 '--perod'。"),
        (("plans", "--keep", "x", "--language", "zh"), "'x' 不是有效的整数。"),
        (("plans", "--yes", "--language", "zh"), "错误：--yes 须与 --prune 同用"),
        (("page", "--period", "13", "--language", "zh"), "值无效：13 不是月份：请写 2024-11"),
    ],
)  # fmt: skip
def test_it_speaks_chinese(checkout: Checkout, arguments: tuple[str, ...], told: str) -> None:
    done = checkout.run(*arguments)
    assert told in done.stdout + done.stderr
    assert done.returncode == (ExitCode.OK if {"-h", "--help"} & set(arguments) else ExitCode.USAGE)
    sentences = re.findall(r"[A-Z][a-z]+ [a-z]+ [a-z]+", done.stdout + done.stderr)
    assert sentences == []


def test_the_last_language_named_counts_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WDH_LANGUAGE", "en")
    assert asked_language(["--language", "en", "apply", "--language=zh"]) == "zh"
    assert asked_language(["apply", "--language", "fr"]) == "en"
    monkeypatch.setenv("WDH_LANGUAGE", "zh")
    assert asked_language(["apply"]) == "zh"
    assert asked_language(["apply", "--language", "en"]) == "en"


def test_the_language_of_the_env_file_counts_and_one_that_cannot_be_read_is_told(checkout: Checkout) -> None:
    (checkout.root / ".env").write_text("WDH_LANGUAGE=zh\n", encoding="utf-8")
    assert "用法：" in checkout.run("--help").stdout
    (checkout.root / ".env").write_bytes(b"WDH_LANGUAGE=zh\nWDH_DATA_BASE_DIR=\xff\n")
    assert "Usage:" in checkout.run("--help").stdout
    done = checkout.run("plans")
    assert done.returncode == ExitCode.USAGE
    assert "is not UTF-8" in done.stderr


def test_lines_are_as_long_as_they_look() -> None:
    assert wrapped("装载到 staging。不加此项，只写计划。", 16, "  ", "    ") == (
        "  装载到 staging。\n    不加此项，只\n    写计划。"
    )
    assert wrapped("一\n\n二", 20, preserve_paragraphs=True) == "一\n\n二"


def test_a_command_to_type_next_names_the_language_of_an_option(
    checkout: Checkout, write_workbook: WriteWorkbook
) -> None:
    path = write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)])
    done = checkout.run("--file", path, "--plan-dir", "one", "--language", "zh")
    commands = [line for line in done.stdout.splitlines() if "python run.py" in line]
    assert len(commands) == 3
    assert all(line.count("--language zh") == 1 for line in commands)
    guide = openpyxl.load_workbook(checkout.root / "one" / "rejects.xlsx").worksheets[0]
    assert "python run.py --language zh --execute" in guide.cell(guide.max_row, 1).value
    checkout.environment["WDH_LANGUAGE"] = "zh"
    done = checkout.run("--file", path, "--plan-dir", "two")
    assert "装载计划" in done.stdout
    assert "--language" not in done.stdout
