"""Sort: what each row below a header is: data, a counted skip, a rollup, or a further header; and what else it says.

In: the rows of a sheet, each once and in order, under a `Header`. Out: the kind of each row, and remarks on it.

To add: a kind of row that is no data goes into `kinds`, a usual form that many rows may have into `ordinary`, what a
cell beside the columns that are read may say into `unread`, and a word for it into `remarks`.
"""
