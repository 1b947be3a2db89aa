-- One row per report_date, fund: the latest version, as the mart will have it.
{{ next_state_of('super_funds') }}
