-- One row per report_date, country, maturity: every version, and from when to when it counted.
{{ history_of('risk_free_rates') }}
