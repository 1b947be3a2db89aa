"""What drives the extract and dbt together: the commands, as functions.

In: the settings, the flags as a value (`options`), and an observer. Out: a frozen result for each command
(`results`), which `console` shows; a command that fails once there is something to show has the error in its
result. Nothing here prints.

    loading       the main command, step by step: `reading` (find, read), then `planning`, or `staging`
    applying      load or compare a plan that was reviewed
    ledger        history, undo, prune
    dbt/          one invocation of dbt and what it means
    warehouse/    setup, status, reset, report, and the record of runs

To add: a command is a function in a module of its own that gives a new result; run.py reads its flags and hands the
result to a view. A step of the main command goes into `loading`, its work into the room that it belongs to.
`loading`, `reading`, `planning`, `options` and `results` import no database module at module level, since a plan
must not need one.
"""
