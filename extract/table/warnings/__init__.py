"""Warn: what is doubtful about a sheet as a whole, though its rows are read.

In: the pass over a sheet that has ended. Out: `FileWarning`s, each with the cells that it means.

To add: a doubt about the time of the figures goes into `periods`, about their unit into `units`, about single figures
of a column into `figures`, about what the sheet shows and hides into `shown`, about its charts into `chart_titles`,
about sheets that are not read into `other_sheets`; what it means for a reader into `extract.plan.remedies`.
"""
