"""State: what texts of a sheet say beside its figures: which field, unit, month, span of time or total they name.

In: a header, a title, a comment, the name of a sheet. Out: a field and its unit, a month, a span, or a doubt. No
module here knows a table or a row.

To add: a way to write a header goes into `names`, a word for a unit into `unit_words` (a doubtful one into
`unit_hints`), a place that states one into `units`, a way to name a month into `titles`, a span that is no month into
`spans`, a word for a total into `total_words`.
"""
