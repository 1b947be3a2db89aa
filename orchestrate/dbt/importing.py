"""dbt takes seconds to import: meanwhile workbooks can be read."""

import gc
import threading
from types import ModuleType

from orchestrate.dbt.collector import without_collector


def import_dbt() -> ModuleType:
    """Import what builds, `orchestrate.dbt.build`, and keep the garbage collector off it: it stays as long as we do."""
    with without_collector():
        import orchestrate.dbt.build as of_dbt
    gc.freeze()
    return of_dbt


def import_dbt_meanwhile() -> None:
    """The same in a thread. Only once no further process is forked: a child could wait for ever for a module that the
    thread was importing. Whoever imports a part of dbt waits until the thread has it."""
    threading.Thread(target=import_dbt, name="import of dbt", daemon=True).start()
