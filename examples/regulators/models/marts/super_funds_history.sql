-- One row per report_date, fund: every version, and from when to when it counted.
{{ history_of('super_funds') }}
