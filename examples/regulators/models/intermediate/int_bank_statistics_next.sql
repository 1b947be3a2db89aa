-- One row per report_date, bank: the latest version, as the mart will have it.
{{ next_state_of('bank_statistics') }}
