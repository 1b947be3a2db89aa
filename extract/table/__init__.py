"""Read: from a sheet to its header, its rows, and from them to records, rejects and counts.

In: a file that was found, a domain, and how to read (`ReadOptions`). Out: a `FileResult` for each sheet that is
read: records as CSV bytes, rejected rows with their rules, and the account of the file. `reading.extract_file` is
the unit of work: pure, and fit for another process.

To add: another way to find or name a header goes into `header`, to choose sheets into `sheets`; a kind of row that
is no data into `rows`; a warning about a sheet as a whole into `extraction`. A rule for one cell belongs into
`extract.fields`.
"""
