-- One row per report_date, fund_type, afp, basis, years: every version with its time, as the history will have it.
{{ next_history_of('afp_returns') }}
