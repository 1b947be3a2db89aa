-- One row per report_date, fund_type, afp, basis, years: the latest version, as the mart will have it.
{{ next_state_of('afp_returns') }}
