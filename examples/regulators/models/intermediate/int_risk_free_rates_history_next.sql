-- One row per report_date, country, maturity: every version with its time, as the history will have it.
{{ next_history_of('risk_free_rates') }}
