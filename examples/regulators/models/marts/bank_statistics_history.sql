-- One row per report_date, bank: every version, and from when to when it counted.
{{ history_of('bank_statistics') }}
