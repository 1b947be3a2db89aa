-- One row per figure that a load changed after it was first reported, as the mart will have it.
{{
    restated_figures(
        ref('int_trustee_performance_history_next'),
        ref('int_load_batches_in_effect'),
        key=['report_date', 'plan_code', 'company_code'],
        figures=['return_rate', 'net_asset_value', 'fund_scale'],
        lineage=['data_source', 'source_sheet', 'source_row']
    )
}}
