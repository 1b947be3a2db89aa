-- One row per report_date, bank: each figure that a load changed after it was first reported.
{{ restatements_of('bank_statistics') }}
