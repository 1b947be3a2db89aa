-- One row per report_date, fund_type, afp, basis, years: each figure that a load changed after it was first reported.
{{ restatements_of('afp_returns') }}
