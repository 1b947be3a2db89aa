"""Read: from a sheet to its header, its rows, and from them to records, rejects and counts.

In: a file that was found, a domain, and how to read (`ReadOptions`). Out: a `FileResult` for each sheet that is
read: records as CSV bytes, rejected rows with their rules, and the account of the file. `reading.extract_file` is
the unit of work: pure, and fit for another process.

The steps are folders: `header` finds the header, `statements` is what texts say of fields, units and months, `rows`
what each row is, `records` what is kept, `sheet` the pass that puts them together, `warnings` what is doubtful about
it, and `layout` reads published tables.

To add: a stage of reading a workbook goes into `reading`, what its report says into `account`, what is said of the
cell of a figure into `tracing`; anything else into the folder of its step. A rule for one cell belongs into
`extract.fields`.
"""
