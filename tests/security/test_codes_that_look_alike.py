"""Codes that look alike never load as different ones without a word (rules.md, plan_code)."""

from pathlib import Path

import pytest

from conftest import TODAY, Checkout, Database, plan_of
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.fields.confusables import mixes_scripts, skeleton
from extract.files.discovery import named_files
from extract.table.reading import extract_file
from extract.table.records.lookalikes import confusable_codes
from extract.table.records.results import FileResult
from hostile import good, package, table
from layouts import warned


def read(folder: Path, domain: Domain, *plans: str, name: str = "2024-11_受托业绩.xlsx") -> FileResult:
    path = folder / name
    path.write_bytes(package(table(*[(2024, 11, plan, "C1", 0.01, 1.5, 1000) for plan in plans])))
    (result,) = extract_file(named_files([path], folder, domain.config).files[0], domain, TODAY)
    return result


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("PLAN\u115f1", "HANGUL CHOSEONG FILLER"),
        ("PLAN\u31641", "HANGUL JUNGSEONG FILLER"),
        ("PLAN\uffa01", "HANGUL JUNGSEONG FILLER"),
        ("PLAN\u02b91", "MODIFIER LETTER PRIME"),
        ("PLAN\u0661", "ARABIC-INDIC DIGIT ONE"),
        ("PLAN\U0001d7f6", None),  # a mathematical digit, 0 by NFKC
        ("PLAN\uff11", None),
        ("计划一", None),
        ("二\u3007二四", None),
    ],
)
def test_letters_that_show_nothing_and_digits_of_others(tmp_path: Path, domain: Domain, code: str, name: str) -> None:
    result = read(tmp_path, domain, "P1", "P2", code)
    assert result.report.rows_rejected == (name is not None)
    if name:
        (reject,) = result.rejected[0].rejects
        assert (reject.code, name in reject.reason) == ("invalid_code", True)


ALIKE = ("PLAN1", "\u0420LAN1", "PL\u0410N1", "PL\u0391N1")


def test_codes_that_look_alike_load_with_a_warning_by_name(checkout: Checkout, tmp_path: Path) -> None:
    path = tmp_path / "2024-11_受托业绩.xlsx"
    path.write_bytes(package(table(*[(2024, 11, plan, "C1", 0.01, 1.5, 1000) for plan in ALIKE])))
    done = checkout.run("--file", path, "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert len(plan_of(tmp_path / "plan")) == len(ALIKE)
    assert "warning confusable_code" in done.stdout
    assert "U+0420 CYRILLIC CAPITAL LETTER ER" in done.stdout


@pytest.mark.parametrize(
    ("plans", "expected"),
    [
        (("P10", "PIO"), True),
        (("P10", "P20"), False),
        (("PO1", "P2"), False),
        (("\u0420LAN",), True),  # Cyrillic and Latin in one code
        (("\u041f\u041b\u0410\u041d",), False),  # Cyrillic alone
        (("甲A1", "한국A"), False),
        (("A甲\u0391",), True),
    ],
)
def test_what_is_warned_of(tmp_path: Path, domain: Domain, plans: tuple[str, ...], expected: bool) -> None:
    assert ("confusable_code" in warned(read(tmp_path, domain, *plans))) is expected


def test_codes_of_the_seeds(tmp_path: Path, domain: Domain) -> None:
    result = read(tmp_path, domain, "\u0417\u0417\u0417")  # like 333, of one script
    assert warned(result) == []
    found = confusable_codes("plan_code", ["12\u041e27"], {"plans.csv": ["12027"]})
    assert found
    assert "looks like 12027 of plans.csv" in found.detail
    assert "12027 of plans.csv" in read(tmp_path, domain, "12\u041e27").report.warnings[0].detail


def test_codes_of_another_workbook_of_the_run(checkout: Checkout, tmp_path: Path) -> None:
    for month, plan in ((11, "PLAN1"), (12, "\u0420\u0406\u0406")):
        path = checkout.root / "data" / f"2024-{month}_受托业绩.xlsx"
        path.write_bytes(package(table((2024, month, plan, "C1", 0.01, 1.5, 1), (2024, month, "P11", "C1", 0, 1, 1))))
    done = checkout.run("--max-files", "2", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "look alike" in done.stdout
    (checkout.root / "data" / "2024-12_受托业绩.xlsx").write_bytes(
        package(table((2024, 12, "\u0420\u0406\u0406", "C1", 0.01, 1.5, 1), *good(0)))
    )
    done = checkout.run("--max-files", "2", "--plan-dir", tmp_path / "other")
    assert "P11 of another workbook" in done.stdout


def test_skeletons() -> None:
    assert len({skeleton(code) for code in ALIKE}) == 1
    assert skeleton("P1") != skeleton("P2")
    assert not mixes_scripts("99JH00000123")


@pytest.mark.database
def test_codes_of_staging_and_of_the_mart(loading: Checkout, database: Database, tmp_path: Path) -> None:
    for number, plan in enumerate(("COC1", "\u0421\u041e\u04211")):
        path = tmp_path / f"2024-1{number}_受托业绩.xlsx"
        path.write_bytes(package(table((2024, 10 + number, plan, "C1", 0.01, 1.5, 1000))))
        if number:
            database.query(
                "create schema marts; create table marts.trustee_performance as table staging.trustee_performance"
            )
            compared = loading.run("--file", path, "--diff", "--plan-dir", tmp_path / "plan")
            assert "looks like COC1 of marts.trustee_performance" in compared.stdout, compared.stderr
        done = loading.run("--file", path, "--execute")
        assert done.returncode == ExitCode.OK, done.stderr
        assert ("looks like COC1 of staging" in done.stdout) is bool(number)
