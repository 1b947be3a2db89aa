"""One invocation of dbt in this process, and what it means.

In: the database, the project, and what to select. Out: what the project holds (`manifest`), what dbt did (`results`,
then `outcomes`, which also make the error that a failed step ends with), the documentation (`docs`), `dbt build` after
a load (`build`), and profiles.yml for the database of the extract (`profile`).

To add: a command of dbt is a method of `invoke.Dbt`; another key of an artifact of dbt goes into `manifest` or
`results`, the only modules that know them; a message that dbt words badly into `problems`. What spans several
invocations belongs into `orchestrate.warehouse`.
"""
