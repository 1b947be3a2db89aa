-- One row per month, plan and company: the latest version of each key among all landed rows.
-- The columns are those of stg_trustee_performance, which lists them; this view adds none.
{{ latest_version(ref('stg_trustee_performance'), key=['report_date', 'plan_code', 'company_code']) }}
