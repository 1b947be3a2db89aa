"""Plan: the directory that a reviewer reads and signs, and its way back. No connection is ever opened.

In: what the workbooks gave (`landing.Extraction`). Out: a directory of CSV files, plan.json and plan.sql, sealed by
checksums (`writing`, `seal`); and from such a directory the same rows again, byte for byte, or a refusal (`sealed`).

To add: a file of the plan, or a key of plan.json, goes into `writing`, and into `summary` where a load depends on it;
a statement that a reviewer reads into `statements`. What staging takes from a plan is a `Landing`.
"""
