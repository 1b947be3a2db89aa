"""Python's garbage collector, held off dbt."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """No garbage is collected in the block: what dbt makes is little, lives until it ends, and is walked through again
    and again otherwise (docs/performance.md)."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
