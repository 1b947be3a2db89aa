"""Propose: what a domain might be, from one workbook: header, types of fields, key, period, and pattern of the name.

In: a workbook. Out: a `Proposal`, the texts that it becomes (model, entry of the configuration, test), and what could
not be seen, in words. Nothing is guessed in silence: whatever the proposal leaves out stands among its notes.

To add: a kind of column goes into `kinds`, a way to name a period in a file name into `file_names`.
"""
