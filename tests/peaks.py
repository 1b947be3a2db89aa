"""The most memory that a command itself takes while it runs, without the processes that read for it."""

import threading
import time

import psutil

from checkouts import Process, Result, outcome_of


def watched(process: Process, seconds: float = 180) -> tuple[Result, int]:
    """Wait for a command; gives its outcome and the most bytes of memory it was seen to take."""
    results: list[Result] = []
    reading = threading.Thread(target=lambda: results.append(outcome_of(process, seconds)))
    most, parent = 0, psutil.Process(process.pid)
    reading.start()
    while reading.is_alive():
        try:
            most = max(most, parent.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.02)
    reading.join()
    return results[0], most
