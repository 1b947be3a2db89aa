-- Finds, of every listed domain, versions of its history that do not follow one another, are not what counts, or are not
-- what was published.
{{ config(enabled=listed_domains() | length > 0) }}
{%- set found = {} %}
{%- for domain in listed_domains() %}
    {%- set contract, version = contract_of(domain), ['batch_id', 'file_id'] %}
    {%- set key, figures = contract.key, contract.figures.keys() | list %}
    {%- set history, versions = ref('int_' ~ domain ~ '_history_next'), ref('stg_' ~ domain) %}
    {%- set mart, history_mart = domain, domain ~ '_history' %}
    {%- do found.update({
        domain ~ ', order': test_versions_follow_one_another(history, key, versions, history_mart),
        domain ~ ', current versions': test_current_versions_equal(
            history, ref('int_' ~ domain ~ '_next'), versions, history_mart, mart, key, figures, version
        ),
        domain ~ ', as published': test_is_as_published(
            history, history_mart, versions, key, version,
            ['withdrawn', 'is_current', 'valid_from', 'valid_to'] + figures
        ),
    }) %}
{%- endfor %}
{{ of_every_domain(found) }}
