-- One row per report_date, fund_type, afp, basis, years: every version, and from when to when it counted.
{{ history_of('afp_returns') }}
