{#- Finds values outside of a range, whose ends belong to it. -#}
{% test within_range(model, column_name, minimum, maximum) %}
select *
from {{ model }}
where {{ column_name }} not between {{ minimum }} and {{ maximum }}
{% endtest %}
