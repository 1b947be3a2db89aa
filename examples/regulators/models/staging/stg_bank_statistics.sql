-- One row per report_date, bank: every version of each key that landed, withdrawals included.
{{ versions_of('bank_statistics') }}
