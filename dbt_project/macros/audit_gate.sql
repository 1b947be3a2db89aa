{#- Audit, then publish (docs/decisions.md). The gate, `int_audit_gate`, depends on the next state of every mart, so that dbt
    makes it only after every error test of them has passed; every mart depends on the gate. -#}

{#- The gate of a project: its body, behind what it names. It names the next states of listed domains by itself. -#}
{% macro audit_gate() -%}
    {{
        config(
            materialized='incremental',
            incremental_strategy='refill',
            unique_key='invocation_id',
            meta={'filled_when_empty': true}
        )
    }}
    {{ depend_on_domains(['int_{}_next', 'int_{}_history_next']) }}
    {%- do ref('stg_source_files') %}
    {{ refuse_what_is_not_whole() }}
    select
        horizon.batch_id,
        {{ "true" if flags.WHICH == 'build' else "false" }} as tested,
        '{{ invocation_id }}'::text as invocation_id,
        clock_timestamp() as passed_at
    from {{ build_horizon() }} as horizon
{%- endmacro %}

{#- The row that a build writes last: its body, behind the marts that it names. It names those of listed domains itself. -#}
{% macro written_last() -%}
    {{ config(materialized='incremental', incremental_strategy='refill', unique_key='batch_id') }}
    {{ depend_on_domains(['{}', '{}_history', '{}_restatements']) }}
    select
        batch_id,
        clock_timestamp() as published_at,
        tested,
        invocation_id
    from {{ ref('int_audit_gate') }}
{%- endmacro %}

{#- In the gate: refuse what would go round it. A mart that is not chosen would stay behind the others; a test that is
    not chosen, or that looks at nothing before the gate, would not have been asked. `dbt run` has no tests, and says so
    in `marts.published`. -#}
{% macro refuse_what_is_not_whole() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- set chosen, behind, unasked, unseen = [], [], [], [] -%}
        {%- set before = before_the_gate() -%}
        {%- for node in graph.nodes.values() -%}
            {%- if node.resource_type == 'model' and (node.config.schema == 'marts' or node.name == 'published') -%}
                {%- do (chosen if node.unique_id in selected_resources else behind).append(node.name) -%}
            {%- elif node.unique_id in before and node.resource_type in ([] if flags.WHICH == 'run' else ['seed']) + ['model']
                and node.unique_id not in selected_resources -%}
                {%- do behind.append(node.name) -%}
            {%- elif node.resource_type == 'test' and flags.WHICH != 'run' and can_fail(node) -%}
                {%- if node.unique_id not in selected_resources -%}
                    {%- do unasked.append(node.name) -%}
                {%- elif node.depends_on.nodes | reject('in', before) | list -%}
                    {%- do unseen.append(node.name) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set last = graph.nodes['model.' ~ project_name ~ '.published'] -%}
        {%- set named = last.depends_on.nodes | map('replace', 'model.' ~ project_name ~ '.', '') | list -%}
        {%- set unnamed = chosen | reject('in', named + ['published']) | list -%}
        {%- if unnamed -%}
            {%- do exceptions.raise_compiler_error(
                publication() ~ ' is written last, and published.sql does not name: ' ~ unnamed | sort | join(', ')
            ) -%}
        {%- elif chosen and behind -%}
            {%- do exceptions.raise_compiler_error(
                'the marts are published together with all that leads to them, and these were not chosen: ' ~ behind | sort | join(', ')
                ~ '. Run `dbt build` without --select and --exclude; nothing was published'
            ) -%}
        {%- elif chosen and unasked -%}
            {%- do exceptions.raise_compiler_error(
                'nothing is published that was not tested, and these tests were not chosen: '
                ~ unasked | sort | join(', ')
                ~ '. Run `dbt build` without --select and --exclude; nothing was published'
            ) -%}
        {%- elif unseen -%}
            {%- do exceptions.raise_compiler_error(
                'these tests read what is not before the gate, so that they could fail after the harm: '
                ~ unseen | sort | join(', ')
                ~ '. Let them read the next state in intermediate, and let int_audit_gate name it'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether a test can fail a build. -#}
{% macro can_fail(test) -%}
    {%- do return(test.config.enabled and test.config.severity | lower == 'error') -%}
{%- endmacro %}

{#- The ids of everything that the gate is built from. -#}
{% macro before_the_gate() -%}
    {%- set found, waiting = [], [model.unique_id] -%}
    {%- for _ in range(graph.nodes | length + graph.sources | length) if waiting -%}
        {%- set node = graph.nodes.get(waiting.pop()) -%}
        {%- for parent in (node.depends_on.nodes if node else []) if parent not in found -%}
            {%- do found.append(parent) -%}
            {%- do waiting.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(found) -%}
{%- endmacro %}

{#- A mart as it was published, without the keys that newer batches touch, since these are about to change; none where
    nothing was published, under `--full-refresh`, which fills it anew, under `--empty`, where nothing is left to compare, and
    where it is not `compared_whole`. By its name and no `ref`: the mart is made after what reads this. `key` is that of the
    versions in staging. -#}
{% macro as_published(mart, versions, key, compared_whole) -%}
    {%- set published = existing_publication() -%}
    {%- set mart = adapter.get_relation(target.database, 'marts', mart) if execute else none -%}
    {%- if compared_whole and published and mart and not flags.FULL_REFRESH and not (flags.EMPTY | default(false)) -%}
        {%- do return(untouched_since(published, mart, versions, key)) -%}
    {%- endif -%}
    {%- do return(none) -%}
{%- endmacro %}

{#- Whether tests compare all rows of a mart and its next state. A build of more than `compared_whole_up_to` rows compares the
    keys that its batches touch, so that its cost follows them; `dbt test` compares all at any size, and a build says so at
    its end. `relation` is the next state that a test looks at, of which the planner says how many rows it has. -#}
{% macro is_compared_whole(relation) -%}
    {%- if not execute or flags.WHICH != 'build' or flags.FULL_REFRESH or not existing_publication() -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- set rows = run_query(
        "select coalesce(max(reltuples), 0) <= " ~ var('compared_whole_up_to', 500000)
        ~ " from pg_class where oid = to_regclass('" ~ relation ~ "')"
    ).rows[0][0] -%}
    {%- do return(rows) -%}
{%- endmacro %}

{#- The rows of a relation whose keys no batch touches that is newer than the published one. -#}
{% macro untouched_since(published, relation, versions, key) -%}
    (
        select untouched.*
        from {{ named(relation, 'untouched') }}
        where
            not exists (
                select 1
                from {{ named(versions, 'newer') }}
                where
                    newer.batch_id > (select max(last.batch_id) from {{ published }} as last)
                    and {{ same_key(key, 'newer', 'untouched') }}
            )
    )
{%- endmacro %}

{#- The rows of a relation whose keys batches touch that are newer than the published one; all of them where nothing is
    `published`. -#}
{% macro touched_since_published(relation, versions, key, published) -%}
    {%- if published -%}
    (
        select touched.*
        from {{ named(relation, 'touched') }}
        inner join (
            select distinct {{ columns_of('newer', key) }}
            from {{ named(versions, 'newer') }}
            where newer.batch_id > (select max(last.batch_id) from {{ publication() }} as last)
        ) as newer on {{ same_key(key, 'touched', 'newer') }}
    )
    {%- else -%}
    (select * from {{ relation }})
    {%- endif -%}
{%- endmacro %}

{#- The gate must have been passed in this very build. It is read whole, also under `--empty`. -#}
{% macro audit_is_passed(gate) -%}
    do $audit_is_passed$
    begin
        perform from {{ gate }} as gate where gate.invocation_id = '{{ invocation_id }}';
        if not found then
            raise exception 'not audited: this build has not passed the tests that stand before the marts'
                using hint = 'run `dbt build` without --select and --exclude; nothing was published';
        end if;
    end
    $audit_is_passed$
{%- endmacro %}

{#- At the end of a run: which tests failed, with an example and the ready query, what was kept, and what to do. -#}
{% macro say_what_was_kept(results) -%}
    {%- if execute and flags.WHICH == 'build' -%}
        {%- for domain in ['trustee_performance'] + listed_domains() -%}
            {%- set next_state = relation_named('int_' ~ domain ~ '_next') -%}
            {%- if next_state and not is_compared_whole(next_state) -%}
                {%- do log(
                    domain ~ ' is large: its tests compared the keys of new batches; `dbt test` compares all', info=true
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set failed = [] -%}
        {%- for result in results if result.status | string in ('fail', 'error', 'runtime error') -%}
            {%- do failed.append(result) -%}
        {%- endfor -%}
        {%- if failed -%}
            {%- set lines = [''] -%}
            {%- for result in failed -%}
                {%- do lines.append(what_failed(result)) -%}
            {%- endfor -%}
            {%- do lines.append(what_is_published()) -%}
            {%- do lines.append(
                'Correct the workbook and load it again, or take the load out by `python run.py undo BATCH`; then build.'
            ) -%}
            {%- do log(lines | join('\n'), info=true) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- One line on a node that failed: for a test its rows, the first of them, and the query for all. -#}
{% macro what_failed(result) -%}
    {%- set node = result.node -%}
    {%- if node.resource_type != 'test' or result.status | string != 'fail' -%}
        {%- do return(node.name ~ ': ' ~ (result.message or '') | replace('\n', ' ')) -%}
    {%- endif -%}
    {%- set line = [node.name ~ ': ' ~ result.failures ~ (' row' if result.failures == 1 else ' rows')] -%}
    {%- set kept = node.schema ~ '.' ~ node.alias -%}
    {%- if node.relation_name and run_query("select to_regclass('" ~ kept ~ "') is not null").rows[0][0] -%}
        {%- set query = 'select * from ' ~ kept -%}
        {%- set first = run_query(query ~ ' limit 1') -%}
        {%- for row in first.rows -%}
            {%- set cells = [] -%}
            {%- for name in first.column_names if row[name] is not none -%}
                {%- do cells.append(name ~ ' ' ~ row[name]) -%}
            {%- endfor -%}
            {%- do line.append('such as ' ~ cells | join(', ')) -%}
        {%- endfor -%}
        {%- do line.append('all of them: ' ~ query ~ ';') -%}
    {%- endif -%}
    {%- do return(line | join('; ')) -%}
{%- endmacro %}

{#- What the marts hold now. -#}
{% macro what_is_published() -%}
    {%- set published = existing_publication() -%}
    {%- if not published -%}
        {%- do return('Nothing was ever published.') -%}
    {%- endif -%}
    {%- set row = run_query(
        "select batch_id, to_char(published_at, 'YYYY-MM-DD HH24:MI:SS TZ') as at, invocation_id from " ~ published
    ).rows[0] -%}
    {%- if row['invocation_id'] == invocation_id -%}
        {%- do return('The marts were published at batch ' ~ row['batch_id'] ~ '.') -%}
    {%- endif -%}
    {%- do return('The marts were kept as they were published at ' ~ row['at'] ~ ', at batch ' ~ row['batch_id'] ~ '.') -%}
{%- endmacro %}
