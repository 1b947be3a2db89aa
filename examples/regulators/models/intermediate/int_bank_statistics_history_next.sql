-- One row per report_date, bank: every version with its time, as the history will have it.
{{ next_history_of('bank_statistics') }}
