-- One row per report_date, fund: every version with its time, as the history will have it.
{{ next_history_of('super_funds') }}
