"""Lay out: from a published sheet whose layout the model declares to one record for each cell, or few, of a figure.

In: a sheet, and the `Layout` and places of a model. Out: what a pass over any sheet gives, with the same field types,
rejects and account. `extraction.LayoutExtraction` is the pass; a domain without a layout never comes here.

To add: another place of a value goes into `extract.fields.places` and `values`, another kind of row into `screen`, what
a header may look like into `grid` and `finding`.
"""
