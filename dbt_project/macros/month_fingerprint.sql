{#- A line of a month as JSON, with those columns only that were recorded as the month was closed, so that a column of
    a later version changes nothing. extract/staging/fingerprints.py makes the same, and `python run.py audit` writes these very
    lines. `months` is the name of the relation, `columns` an expression: the recorded ones as a JSON array. -#}
{% macro recorded_line(months, columns) -%}
    (
        to_jsonb({{ months }})
        - array(
            select present.name
            from jsonb_object_keys(to_jsonb({{ months }})) as present (name)
            where not {{ columns }} ? present.name
        )
    )::text
{%- endmacro %}

{#- The SHA-256 of lines in the order of their bytes, each ended by a line break; nulls are none. -#}
{% macro fingerprint_of(line) -%}
    encode(
        sha256(convert_to(coalesce(string_agg({{ line }} || e'\n', '' order by {{ line }} collate "C"), ''), 'UTF8')), 'hex'
    )
{%- endmacro %}
