"""Python's garbage collector, kept off dbt."""

import atexit
import gc

OBJECTS = 2_000_000
"""The collector looks once there are so many more: a build makes fewer, and what serves for days stays small."""


def leave_dbt_alone() -> None:
    """For a process that ends with dbt: nothing looks through what dbt makes and needs until the end, nor through what
    is left then (docs/performance.md)."""
    gc.set_threshold(OBJECTS)
    atexit.register(gc.freeze)
