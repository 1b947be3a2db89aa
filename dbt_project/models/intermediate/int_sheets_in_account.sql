-- One row per sheet of a workbook in the account of its month: those that figures of today come from.
{{ sheets_in_account('trustee_performance', ref('int_files_counting')) }}
