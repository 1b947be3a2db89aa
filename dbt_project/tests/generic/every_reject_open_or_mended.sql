{#- Finds months with a rejected row that is neither open nor mended. -#}
{% test every_reject_open_or_mended(model) %}
select *
from {{ model }}
where rows_rejected <> rows_rejected_open + rows_mended
{% endtest %}
