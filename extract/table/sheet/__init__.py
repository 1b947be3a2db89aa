"""Pass: which sheets are read, and each from its first row to its last: its tables, their rows to records and rejects.

In: a workbook, a domain, and how to read. Out: a `SheetExtraction`, of which `extract.table.account` gives account.

To add: a way to choose sheets goes into `choice`, what the rows of a table are read under into `tables`, what is done
with the rows of a pass into `extraction`, what a rejects workbook says that comes back into `mended` and
`mending_format`.
"""
