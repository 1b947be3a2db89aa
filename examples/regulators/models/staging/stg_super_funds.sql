-- One row per report_date, fund: every version of each key that landed, withdrawals included.
{{ versions_of('super_funds') }}
