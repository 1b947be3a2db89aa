"""Record: what is kept of the rows of a workbook: a CSV line for each key, rejects and counts, each with its origin.

In: values and broken rules of one row after the other. Out: a `FileResult`, which can cross processes.

To add: a count or a list of what reading gives goes into `results`, a rule on keys that stand in several rows into
`repeats`, on codes that look alike into `lookalikes`, a type of column that is written in its own way into
`rendering`.
"""
