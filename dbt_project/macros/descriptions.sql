{#- What a client of the database shows of marts and their columns, in the language of the warehouse: that of
    `--vars 'language: zh'`, else of WDH_LANGUAGE, else English. What has no translation, as a domain of others, keeps its
    English description. -#}
{% macro translated_descriptions(of) -%}
    {%- set languages = {'zh': chinese_descriptions} -%}
    {%- set chosen = languages.get(var('language', env_var('WDH_LANGUAGE', 'en'))) -%}
    {%- do return(chosen()[of] if chosen else {}) -%}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) -%}
    {%- set translated = translated_descriptions('models') -%}
    comment on {{ relation.type }} {{ relation }} is {{ postgres_escape_comment(translated.get(model.name, comment)) }};
{%- endmacro %}

{#- Only comments that are others by now are written, so that a build leaves the catalog alone. -#}
{% macro postgres__alter_column_comment(relation, column_dict) -%}
    {%- set translated = translated_descriptions('columns') -%}
    {%- set table = relation.include(database=false) -%}
    {%- set wanted = [] -%}
    {%- for column in column_dict.values() -%}
        {%- set description = postgres_escape_comment(translated.get(column.name, column.description)) -%}
        {%- do wanted.append("('" ~ column.name ~ "', " ~ description ~ ")") -%}
    {%- endfor %}
    do $comments$
    declare
        outdated record;
    begin
        for outdated in
            select wanted.name, wanted.description
            from (values {{ wanted | join(', ') }}) as wanted (name, description)
            inner join pg_attribute as attribute on wanted.name = attribute.attname
            where
                attribute.attrelid = '{{ table }}'::regclass and attribute.attnum > 0
                and col_description(attribute.attrelid, attribute.attnum) is distinct from nullif(wanted.description, '')
        loop
            execute format('comment on column %s.%I is %L', '{{ table }}', outdated.name, outdated.description);
        end loop;
    end
    $comments$;
{%- endmacro %}

{#- Names of marts and of their columns to what they are, in Chinese; docs/glossary.md has the words. -#}
{% macro chinese_descriptions() -%}
    {%- set models = {
        'company_jumps': '受托人的异常变动：规模、收益率中位数或计划数超过上月三倍、低于三分之一，或出现、消失。理由来自种子表 explained_jumps。',
        'company_monthly_summary': '受托人各月情况：计划数、规模、规模加权收益率，以及这些数据覆盖的比例。没有数据的计划不计为 0。',
        'data_quality_monthly': '各月数据质量：读取、装载、退回、跳过的行数，缺少的数据，以及新增和消失的计划。',
        'load_audit': '装载账目：每批次每工作表一行，各行的处理结果。',
        'loads': '装载批次：何时、由谁制定、审批、装载，以及是否仍然有效。',
        'plan_monthly_performance': '计划各月业绩：当月、本年累计、近十二个月收益率，回撤，以及在受托人内的排名。遇缺失月份不复合，原因见 ytd_missing_reason。',
        'published': '发布记录：数据集市属于哪个批次，何时发布，是否通过全部测试。',
        'published_companies': '受托人名称：发布时的种子表 companies。',
        'published_explained_jumps': '异常变动的理由：发布时的种子表 explained_jumps。',
        'published_plans': '计划名称：发布时的种子表 plans。',
        'reject_status': '退回记录及其处理结果：未处理、已更正、已被替代或已豁免。',
        'submission_status': '各月报送情况：按时、迟报、未报、本月无数据或非应报，按今天（UTC）判断。',
        'submissions': '各月应报送与已报送的数据。',
        'trustee_performance': '现行数据：每月每计划每受托人一行，各有其来源的工作簿、工作表和行号。',
        'trustee_performance_history': '全部版本：每次装载的每个数据，及其有效的起止时间。',
        'trustee_performance_restatements': '更正记录：后来的装载改变了哪个数据，原值与新值，由谁装载。',
    } -%}
    {%- set columns = {
        'report_date': '数据所属月份，记为该月第一天',
        'company_code': '受托人的登记代码',
        'measure': '发生异常变动的指标',
        'has_appeared': '上月没有而本月有数据',
        'has_vanished': '上月有而本月没有数据',
        'explained_by': '种子表 explained_jumps 中的理由；未说明时为空',
        'old_value': '变动前的值',
        'new_value': '变动后的值',
        'factor': '较大值除以较小值',
        'plans_reported': '本月报送的计划数',
        'plans_with_return': '本月有收益率的计划数',
        'plans_with_fund_scale': '本月有资产规模的计划数',
        'plans_with_both': '本月收益率与资产规模都有的计划数',
        'fund_scale': '期末资产规模（元）',
        'fund_scale_with_return': '有收益率的计划的资产规模合计（元）',
        'weighted_return': '各计划收益率按资产规模加权；只计二者都有的计划',
        'plan_coverage': '有收益率的计划数占报送计划数的比例',
        'scale_coverage': '有收益率的资产规模占全部资产规模的比例',
        'rejects_by_code': '各规则退回的条数',
        'skips_by_reason': '各原因跳过的行数',
        'file_warnings_by_code': '各代码的文件警告数',
        'row_warnings_by_code': '各代码的行警告数',
        'appeared_plans': '上月没有而本月有的计划',
        'vanished_plans': '上月有而本月没有的计划',
        'sheets': '计入本月的工作表数',
        'sheets_dated_by_load': '没有月份、按装载月份计入的工作表数',
        'rows_read': '从工作表读取的行数',
        'rows_loaded': '装载的行数',
        'rows_rejected': '被退回的行数',
        'rows_rejected_open': '尚未更正、替代或豁免的退回行数',
        'rows_mended': '更正后装载的退回行数',
        'rows_superseded': '其工作簿已重新装载的退回行数',
        'rows_waived': '决定不再需要的退回行数',
        'rows_skipped': '合计、附注、空行等跳过的行数',
        'rows_counting': '现在有效的行数',
        'missing_return_rate': '没有收益率的行数',
        'missing_net_asset_value': '没有单位净值的行数',
        'missing_fund_scale': '没有资产规模的行数',
        'rows_without_measures': '收益率、净值、规模都没有的行数',
        'plans_appeared': '上月没有而本月有的计划数',
        'plans_vanished': '上月有而本月没有的计划数',
        'last_loaded_at': '最近一次装载的时间',
        'batch_id': '带来该数据的装载批次',
        'file_id': '台账中工作簿的编号',
        'domain': '配置中的数据域',
        'mode': '装载方式',
        'planned_by': '制定装载计划的人',
        'approved_by': '审批装载计划的人；没有审批时为空',
        'loaded_by': '执行装载的人',
        'path': '工作簿的路径',
        'sha256': '工作簿内容的 SHA-256',
        'sheet': '工作表名称',
        'mends': '更正的是哪个工作簿的退回行',
        'period': '工作簿名称中的月份',
        'loaded_at': '装载的时间',
        'undoes': '此批次撤销的批次；不是撤销时为空',
        'in_effect': '批次未被撤销',
        'plan_code': '计划的登记代码',
        'is_first_month': '是否该计划的第一个月',
        'has_gap_before': '计划此前有数据，但没有上月',
        'ytd_complete': '一月至本月每月都有收益率',
        'trailing_12_complete': '本月及此前十一个月都有收益率',
        'return_rate': '当月收益率，以 1 为基数：0.01 即 1%',
        'previous_return_rate': '上月收益率；上月或其收益率缺失时为空',
        'return_change': '本月收益率减上月收益率',
        'ytd_return': '一月至本月复合的收益率；有月份缺失时为空，原因见 ytd_missing_reason',
        'ytd_missing_reason': '本年累计收益率为空的原因：no_return 本月没有收益率，began_in_year 计划于年内开始，month_missing 年内有月份没有收益率；不为空时没有原因',
        'trailing_12_return': '本月及此前十一个月复合的收益率；有月份缺失时为空',
        'drawdown': '低于最高值的幅度，至多为 0；遇缺失月份重新计算',
        'net_asset_value': '单位资产净值',
        'nav_change': '本月单位净值减上月单位净值',
        'nav_change_rate': '净值变动占上月单位净值的比例',
        'company_return': '受托人的规模加权收益率',
        'excess_return': '收益率减受托人收益率',
        'rank_in_company': '在同一受托人的计划中按收益率的名次，1 为最高',
        'ranked_plans': '同一受托人本月有收益率的计划数',
        'months_unbroken': '至本月连续有收益率的月数',
        'months_in_ytd': '一月至本月有收益率的月数',
        'months_in_trailing_12': '近十二个月中有收益率的月数',
        'published_at': '数据集市发布的时间',
        'tested': '发布前全部测试是否通过',
        'invocation_id': 'dbt 构建的编号',
        'company_name': '受托人名称，来自种子表 companies；表中没有时为空',
        'country': '发布方所在国家（ISO 3166-1）',
        'reason': '理由',
        'plan_name': '计划名称，来自种子表 plans；表中没有时为空',
        'inception_date': '计划成立日期',
        'reject_id': '退回记录的编号',
        'mended_by_batch': '更正后装载的批次',
        'superseded_by_batch': '重新装载其工作簿的批次',
        'status': '处理状态',
        'source_row': '工作表中的行号，与 Excel 所示一致',
        'cells': '该行各单元格',
        'errors': '违反的规则',
        'waived_by': '决定豁免的人',
        'waived_for': '豁免的理由',
        'rejected_at': '退回的时间',
        'ended_at': '更正、替代或豁免的时间',
        'is_overdue': '截止日已过而未报送',
        'workbook': '首次带来该月数据的工作簿',
        'confirmed_by': '在种子表 nothing_to_report 中确认无数据的人',
        'note': '备注',
        'due_on': '报送截止日',
        'received_at': '收到的时间',
        'is_expected': '种子表 expected_submissions 中是否应报送',
        'is_received': '现在是否有该月数据',
        'has_performance_data': '收益率、净值、规模是否至少有一项',
        'validation_warnings': '该行的警告',
        'data_source': '工作簿，相对于数据目录',
        'source_sheet': '来源工作表',
        'processed_at': '入库的时间',
        'withdrawn': '该版本撤回了数据',
        'is_current': '是否现在有效的版本',
        'valid_from': '该版本自何时有效',
        'valid_to': '该版本至何时有效；当前版本为空',
        'field': '被更正的字段',
        'previous_batch_id': '被更正数据的批次',
        'difference': '新值减原值',
        'kind': '变动类别',
        'restated_at': '更正的时间',
    } -%}
    {%- do return({'models': models, 'columns': columns}) -%}
{%- endmacro %}
