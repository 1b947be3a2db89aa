-- One row per rejected row of a sheet in the account of its month: whether it is open, or was mended.
{{ rejects_in_account('trustee_performance', ref('int_sheets_in_account')) }}
