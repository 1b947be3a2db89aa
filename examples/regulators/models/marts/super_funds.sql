-- One row per report_date, fund: the latest version.
{{ mart_of('super_funds') }}
