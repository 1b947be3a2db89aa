{#- A ratio rounded half away from zero, exactly. `round(a / b, 6)` would round twice: Postgres rounds the quotient to
    some 16 digits first, which can lift a figure onto the half that is then rounded up. `div` cuts, and is exact. -#}
{% macro exact_ratio(numerator, denominator, places) -%}
    sign({{ numerator }})
    * div(abs({{ numerator }}) * 2 * 1{{ '0' * places }} + ({{ denominator }}), 2 * ({{ denominator }}))
    * 0.{{ '0' * (places - 1) }}1
{%- endmacro %}
