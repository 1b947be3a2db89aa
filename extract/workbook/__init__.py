"""Open: from bytes to sheets of cells, each with its Excel address, its type, its format and its error.

In: the bytes of a file, its password, and the limits. Out: sheets with rows of `cells`, their merged ranges, and
what a sheet hides, strikes out or says beside its cells. What a cell means is not known here.

To add: a format is recognised in `formats`, by its content and never by its name, and read in a module of its own; what
a reader does not tell about cells (errors, percentages, merges) goes beside that reader; a limit into `size`.
"""
