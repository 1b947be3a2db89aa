-- One row per report_date, fund: each figure that a load changed after it was first reported.
{{ restatements_of('super_funds') }}
