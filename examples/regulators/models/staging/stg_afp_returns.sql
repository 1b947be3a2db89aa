-- One row per report_date, fund_type, afp, basis, years: every version of each key that landed, withdrawals included.
{{ versions_of('afp_returns') }}
