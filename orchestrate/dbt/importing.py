"""dbt takes seconds to import: meanwhile workbooks can be read."""

import threading
from types import ModuleType

from orchestrate.dbt.collector import leave_dbt_alone


def import_dbt() -> ModuleType:
    """Import what builds, `orchestrate.dbt.build`, in a process that ends with a build, and keep the collector off."""
    leave_dbt_alone()
    import orchestrate.dbt.build as of_dbt

    return of_dbt


def import_dbt_meanwhile() -> None:
    """The same in a thread. Only once no further process is forked: a child could wait for ever for a module that the
    thread was importing. Whoever imports a part of dbt waits until the thread has it."""
    threading.Thread(target=import_dbt, name="import of dbt", daemon=True).start()
