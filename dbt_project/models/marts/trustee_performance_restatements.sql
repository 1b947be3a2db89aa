-- One row per figure that a load changed after it was first reported: old, new and difference.
{{ config(materialized='view') }}

{{
    restated_figures(
        ref('trustee_performance_history'),
        ref('loads'),
        key=['report_date', 'plan_code', 'company_code'],
        figures=['return_rate', 'net_asset_value', 'fund_scale'],
        lineage=['data_source', 'source_sheet', 'source_row']
    )
}}
