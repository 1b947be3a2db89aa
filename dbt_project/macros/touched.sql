{#- What batches touch that are not published yet, out of the model `int_touched_keys`: the plans with their first month,
    the months of companies, and the sheets that brought a version. Written with the name of the relation, since it also
    stands in configurations, in which dbt knows no `ref`; a model that uses one refers to `int_touched_keys` itself. -#}
{% macro touched_plans() -%}
    (
        select touched.plan_code, touched.company_code, min(touched.report_date) as since
        from intermediate.int_touched_keys as touched
        group by touched.plan_code, touched.company_code
    )
{%- endmacro %}

{% macro touched_months() -%}
    (select distinct touched.report_date, touched.company_code from intermediate.int_touched_keys as touched)
{%- endmacro %}

{% macro touched_files() -%}
    (
        select distinct versions.file_id
        from intermediate.stg_trustee_performance as versions
        inner join intermediate.int_touched_keys as touched
            on {{ same_key(['report_date', 'plan_code', 'company_code'], 'versions', 'touched') }}
    )
{%- endmacro %}

{#- Conditions that a row belongs to them, for a relation that has month, plan and company. -#}
{% macro of_touched_plan(relation) -%}
    exists (
        select 1
        from {{ touched_plans() }} as of_plan
        where
            of_plan.plan_code = {{ relation }}.plan_code
            and of_plan.company_code = {{ relation }}.company_code
            and of_plan.since <= {{ relation }}.report_date
    )
{%- endmacro %}

{#- The month alone leads the planner to the index of a key, which begins with it; the company stands behind the plan. -#}
{% macro of_touched_month(relation) -%}
    {{ relation }}.report_date in (select of_month.report_date from intermediate.int_touched_keys as of_month)
    and ({{ relation }}.report_date, {{ relation }}.company_code) in {{ touched_months() }}
{%- endmacro %}

{% macro of_touched_calendar_month(relation, and_the_next=false, and_the_one_before=false) -%}
    {{ relation }}.report_date in (
        select of_month.report_date from {{ touched_months() }} as of_month
        {%- if and_the_next %}
        union select (of_month.report_date + interval '1 month')::date from {{ touched_months() }} as of_month
        {%- endif %}
        {%- if and_the_one_before %}
        union select (of_month.report_date - interval '1 month')::date from {{ touched_months() }} as of_month
        {%- endif %}
    )
{%- endmacro %}

{% macro of_touched_file(relation) -%}
    {{ relation }}.file_id in (select of_file.file_id from {{ touched_files() }} as of_file)
{%- endmacro %}

{#- The months of plans of which a figure may change with them: the model of that name, by its name for the same reason. -#}
{% macro of_affected_month(relation) -%}
    ({{ columns_of(relation, ['report_date', 'plan_code', 'company_code']) }}) in (
        select affected.report_date, affected.plan_code, affected.company_code
        from intermediate.int_affected_months as affected
    )
{%- endmacro %}

{#- The condition that the name of a code in a seed is not the one that its mart was published with; true where that mart
    is not there. The mart by its name and no `ref`, since it is made after what reads this. -#}
{% macro is_renamed(relation, code, name, seed, mart) -%}
    {%- set published = load_cached_relation(relation_named(mart)) if execute else none -%}
    {%- if published -%}
    {{ relation }}.{{ code }} in (
        select coalesce(named.{{ code }}, published.{{ code }})
        from {{ named(seed, 'named') }}
        full outer join {{ named(published, 'published') }} on named.{{ code }} = published.{{ code }}
        where named.{{ name }} is distinct from published.{{ name }}
    )
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{#- The condition that the table of a mart, made by an earlier version, lacks a column of its contract, which is then filled
    in all rows. -#}
{% macro lacks_columns(mart) -%}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.' ~ mart].columns.keys() | list if execute else [] -%}
    {{ columns | length }} > (
        select count(*) from pg_attribute
        where
            attrelid = to_regclass('{{ relation_named(mart) }}') and not attisdropped
            and attname in ('{{ columns | join("', '") }}')
    )
{%- endmacro %}
