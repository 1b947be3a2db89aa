-- One row per report_date, country, maturity: the latest version, as the mart will have it.
{{ next_state_of('risk_free_rates') }}
