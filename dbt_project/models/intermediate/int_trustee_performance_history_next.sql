-- One row per version of a key: what counted from when to when, withdrawals included, as the history mart will have it.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['report_date', 'plan_code', 'company_code', 'batch_id', 'file_id'],
        full_refresh=false,
        indexes=[{'columns': ['batch_id']}]
    )
}}
-- Never fully refreshed: `prune` may have removed from staging what only this table still holds.

{{
    version_history(
        ref('stg_trustee_performance'),
        ref('stg_load_batches'),
        key=['report_date', 'plan_code', 'company_code'],
        figures={
            'return_rate': 'numeric(8, 6)',
            'net_asset_value': 'numeric(18, 4)',
            'fund_scale': 'numeric(18, 2)',
        },
        lineage=['data_source', 'source_sheet', 'source_row'],
        mart='trustee_performance_history'
    )
}}
