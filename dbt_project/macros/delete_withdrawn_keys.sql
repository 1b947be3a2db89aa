{#- Deletes the keys whose latest version is a withdrawal. delete+insert removes only keys that it inserts.

    It runs behind the insert, so that it sees at least the batches that the insert saw: a load that commits between the
    two then loses nothing, while a hook before the insert would miss withdrawals that no later build looks at. -#}
{% macro delete_withdrawn_keys(latest) %}
delete from {{ this }} as mart
using {{ latest }} as latest
where
    latest.withdrawn
    {%- for column in config.get('unique_key') %}
    and mart.{{ column }} = latest.{{ column }}
    {%- endfor %}
{% endmacro %}
