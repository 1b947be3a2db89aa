"""The same under Dagster, an extra: assets, jobs, a schedule and a sensor, each thin over what run.py calls.

Takes the settings of run.py and run configuration; gives materialisations, checks and failures with our remedies.
What stands between two steps is JSON (records.py). A new check goes into checks.py, a reason to wait into waiting.py.
Nothing outside imports this folder but commands/dagster.py, which asks for the extra first.
"""
