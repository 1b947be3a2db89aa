-- One row per report_date, country, maturity: the latest version.
{{ mart_of('risk_free_rates') }}
