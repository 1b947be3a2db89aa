-- One row per report_date, fund_type, afp, basis, years: the latest version.
{{ mart_of('afp_returns') }}
