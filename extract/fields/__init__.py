"""Mean: what one cell of a kind means - a period, a code, a number, a share. No field knows a domain.

In: one cell (of a period up to three) and what reading depends on (`FileContext`: the day, the units of the columns).
Out: a value of the type that the mart has, or the rules that the cell breaks (`Problem`: code and reason).

To add: a type of field is a subclass of `base.CellType` in a module of its own; another way to write a figure, a unit
such as 万元, a month or a code goes into `numbers`, `periods` or `codes`. Every rule stands in docs/rules.md too.
"""
