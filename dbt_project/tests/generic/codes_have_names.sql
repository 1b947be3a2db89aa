{#- Finds codes that a seed of names does not have, with the number of rows that bear them. -#}
{% test codes_have_names(model, code, names) %}
select
    coded.{{ code }},
    count(*) as rows_found
from {{ named(model, 'coded') }}
where
    coded.{{ code }} is not null
    and coded.{{ code }} not in (select named.{{ code }} from {{ named(names, 'named') }} where named.{{ code }} is not null)
group by coded.{{ code }}
{% endtest %}
