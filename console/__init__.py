"""What a person sees: a view for each kind of result. Nothing here works, and nothing below imports it.

In: the typed results of `orchestrate`, errors, and, while work goes on, what an observer is told
(`extract.observer`). Out: text and tables on stdout; logs, progress and errors on stderr.

To add: what a command shows is a module named after the command or the result (plans, loads, setup, status, ...), with
functions `show_...` that take the result. What several views share stands in `terminal` (streams, commands to type,
JSON) and `nodes` (how steps and nodes of dbt look). An option that several commands have goes into `options`. The
modules that run.py imports as it starts import no database module.
"""
