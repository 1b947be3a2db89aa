"""What a command costs: time, CPU, and the peak of the memory of all its processes together."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import psutil

_EVERY = 0.05


@dataclass(frozen=True)
class Cost:
    """Seconds on the wall, seconds of CPU of the whole tree, and bytes at its peak (shared pages once a process)."""

    seconds: float
    cpu: float
    peak: int


def measured(command: list[str], environment: dict[str, str], folder: Path) -> Cost:
    """Run a command and watch it; ends the benchmark where it fails."""
    began = time.perf_counter()
    process = psutil.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak, ended = [0], Event()
    watch = Thread(target=_watch, args=(process, peak, ended))
    watch.start()
    before = _children_cpu()
    _, errors = process.communicate()
    seconds = time.perf_counter() - began
    ended.set()
    watch.join()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return Cost(seconds, _children_cpu() - before, peak[0])


def _children_cpu() -> float:
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def _watch(process: psutil.Process, peak: list[int], ended: Event) -> None:
    while not ended.wait(_EVERY):
        try:
            tree = [process, *process.children(recursive=True)]
            sizes = [own.memory_info() for own in tree]
        except psutil.Error:
            continue
        own = sum(size.rss - getattr(size, "shared", 0) for size in sizes)
        peak[0] = max(peak[0], own + max(getattr(size, "shared", 0) for size in sizes))
