"""What the processes that read may take from each other and from the parent: memory in all, and what they send."""

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import HEADER, Checkout
from extract.errors.base import ExitCode
from extract.limits import Limits
from extract.workers import Crash, IsolatedMap
from peaks import watched

MEGABYTE = 2**20


def send_much(megabytes: int, send: Callable[[bytes], None]) -> int:
    """Send so many megabytes."""
    for _ in range(megabytes):
        send(b"x" * MEGABYTE)
    return megabytes


def take_much(megabytes: int, _send: Callable[[bytes], None]) -> int:
    """Hold so many megabytes for a while."""
    held = bytearray(megabytes * MEGABYTE)
    held[:: resource.getpagesize()] = b"x" * len(held[:: resource.getpagesize()])
    time.sleep(2)
    return megabytes


def test_what_is_sent_comes_in_order_and_piece_by_piece() -> None:
    with IsolatedMap(send_much, [3, 0, 9], 2, Limits(memory_mb=512)) as answers:
        found = [(answer.result, len(answer.pieces.read())) for answer in answers]
    assert found == [(3, 3 * MEGABYTE), (0, 0), (9, 9 * MEGABYTE)]


def test_a_result_has_a_limit() -> None:
    with IsolatedMap(send_much, [50, 1], 2, Limits(memory_mb=512, result_mb=10)) as answers:
        results = [answer.result for answer in answers]
    assert results == [Crash("its rows and rejects take more than limits.result_mb 10"), 1]


def test_memory_in_all_has_a_limit() -> None:
    with IsolatedMap(take_much, [20, 200], 2, Limits(memory_mb=512, total_memory_mb=150)) as answers:
        first, second = (answer.result for answer in answers)
    assert first == 20
    assert isinstance(second, Crash)
    assert "limits.total_memory_mb 150" in second.problem


@pytest.mark.heavy
def test_many_rejects_plan_in_the_memory_of_a_load(checkout: Checkout, tmp_path: Path) -> None:
    rows = 100_000
    for month in (10, 11, 12):
        path = checkout.root / "data" / f"2024-{month}_受托业绩.csv"
        lines = (f"2024,{month},P{number},C1,{'x' if number % 2 else 0.01},1.5,1\n" for number in range(2 * rows))
        path.write_text(",".join(HEADER) + "\n" + "".join(lines), encoding="utf-8")
    done, most = watched(checkout.start_bare("--max-files", "3", "--plan-dir", tmp_path / "plan", "-q"), seconds=900)
    assert done.returncode == ExitCode.OK, done.stderr
    assert most < 300 * MEGABYTE
    with (tmp_path / "plan" / "rejects.csv").open("rb") as lines:
        assert sum(1 for _ in lines) == 3 * rows + 1
