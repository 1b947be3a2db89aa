-- One row per report_date, bank: the latest version.
{{ mart_of('bank_statistics') }}
