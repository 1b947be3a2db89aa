"""Where workbooks are read: by processes of this machine, or by the executor that a user names or hands over."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass

from extract.errors.configuration import ExecutorUnknown, ExecutorUnreachable
from extract.extras import demand

DASK = "dask://"
_SECONDS = 10
"""For the scheduler to answer."""


@dataclass(frozen=True)
class Readers:
    """Who reads workbooks: at most `workers` at a time, on `executor`; without one processes of this machine."""

    workers: int
    executor: Executor | None = None


@contextmanager
def readers(workers: int, named: "str | Executor | None") -> Iterator[Readers]:
    """The readers of a run. An executor that was handed over stays open.

    Raises ExecutorUnknown, ExtraMissing and ExecutorUnreachable.
    """
    if not isinstance(named, str):
        yield Readers(workers, named)
    elif named.startswith(DASK) and named != DASK:
        yield from _dask(named.removeprefix(DASK))
    else:
        raise ExecutorUnknown(executor=named)


def _dask(address: str) -> Iterator[Readers]:
    demand("dask", "distributed", f"--executor {DASK}{address}")
    from distributed import Client

    try:
        client = Client(f"tcp://{address}", timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ExecutorUnreachable(address=address, problem=" ".join(str(error).split())) from None
    with client:
        slots = sum(client.nthreads().values())
        if not slots:
            raise ExecutorUnreachable(address=address, problem="it has no worker")
        yield Readers(slots, client.get_executor(pure=False))
