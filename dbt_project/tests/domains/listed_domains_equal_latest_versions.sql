-- Finds, of every listed domain, rows of what the mart will be that are not the latest versions of their keys in staging.
{{ config(enabled=listed_domains() | length > 0) }}
{%- set found = {} %}
{%- for domain in listed_domains() %}
    {%- set contract = contract_of(domain) %}
    {%- set wrong = test_equals_latest_versions(
        ref('int_' ~ domain ~ '_next'), ref('stg_' ~ domain), domain, contract.key,
        contract.figures.keys() | list, ['batch_id', 'file_id']
    ) %}
    {%- do found.update({domain: wrong}) %}
{%- endfor %}
{{ of_every_domain(found) }}
