-- One row per report_date, country, maturity: every version of each key that landed, withdrawals included.
{{ versions_of('risk_free_rates') }}
