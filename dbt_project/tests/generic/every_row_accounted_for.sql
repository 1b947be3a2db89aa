{#- Finds workbooks of which a row is neither loaded nor rejected nor skipped. -#}
{% test every_row_accounted_for(model) %}
select *
from {{ model }}
where rows_read <> rows_loaded + rows_rejected + rows_skipped
{% endtest %}
