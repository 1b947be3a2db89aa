"""Read: from a sheet to its header, its rows, and from them to records, rejects and counts.

In: a file that was found, a domain, and how to read (`ReadOptions`). Out: a `FileResult` for each sheet that is
read: records as CSV bytes, rejected rows with their rules, and the account of the file. `reading.extract_file` is
the unit of work: pure, and fit for another process.

To add: another way to find a header goes into `finding`, to name one into `names`, to choose sheets into `sheets`; a
kind of row that is no data into `rows`; what a row says of itself in a column that is not read into `remarks` or
`unread`; a word for another span into `spans`. A warning about a sheet as a whole goes into `account`, or where its
kind stands (`period_warnings`, `shown_warnings`, `unit_warnings`). A rule for one cell belongs into `extract.fields`.
"""
