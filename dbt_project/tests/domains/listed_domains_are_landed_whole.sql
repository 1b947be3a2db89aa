-- Finds, of every listed domain, sheets of which the ledger counts other rows than landed, and keys that a sheet has twice.
{{ config(enabled=listed_domains() | length > 0) }}
{%- set published = existing_publication() %}
{%- set found = {} %}
{%- for domain in listed_domains() %}
    {%- set versions = ref('stg_' ~ domain) %}
    {%- set counts = test_batch_counts_equal_landed_rows(
        versions, domain, ref('stg_source_files'), ref('stg_load_batches')
    ) %}
    {%- set key = (['batch_id', 'file_id'] + contract_of(domain).key) | join(', ') %}
    {%- set twice %}
        select {{ key }}, count(*) as rows_found
        from {{ versions }}
        {%- if published and not flags.FULL_REFRESH %}
        where batch_id > (select max(last.batch_id) from {{ published }} as last)
        {%- endif %}
        group by {{ key }}
        having count(*) > 1
    {%- endset %}
    {%- do found.update({domain: counts, domain ~ ', keys': twice}) %}
{%- endfor %}
{{ of_every_domain(found) }}
