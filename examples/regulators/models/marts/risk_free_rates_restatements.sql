-- One row per report_date, country, maturity: each figure that a load changed after it was first reported.
{{ restatements_of('risk_free_rates') }}
