"""dbt takes seconds to import: meanwhile workbooks can be read."""

import gc
import threading


def import_dbt() -> None:
    """Import what builds. Modules live as long as the process, so that the garbage collector is kept off them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        import orchestrate.dbt.build  # noqa: F401  # for what it takes with it
    finally:
        if collecting:
            gc.enable()
        gc.freeze()


def import_dbt_meanwhile() -> None:
    """The same in a thread. Only once no further process is forked: a child could wait for ever for a module that the
    thread was importing. Whoever imports a part of dbt waits until the thread has it."""
    threading.Thread(target=import_dbt, name="import of dbt", daemon=True).start()
