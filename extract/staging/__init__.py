"""Load: COPY of the plan's bytes, the ledger, withdrawals, undo, retention; marts compared, and a history mended.

In: a `Landing`, of an extraction or of a reviewed plan, and a database. Out: a `Load`, an `Undo`, a `Prune`, a
`Diff` or a `HistoryRepair`. Each is one transaction under the lock, but for retention, which removes in chunks.

To add: a column of the ledger goes into `tables` (an older database gets it by itself, with the roles of
config/roles.sql by `setup --staging`) and is filled in `ledger`; a
mode of loading into `loading`; what takes keys out of effect into `withdrawal`. Names and conditions that several
statements share are `fragments`, composed with psycopg2.sql like everything here.
"""
