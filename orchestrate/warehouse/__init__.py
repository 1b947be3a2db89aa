"""The warehouse as a whole: set it up, look at it, take it down, and keep a record of each run.

In: the settings and the flags of `setup`, `status`, `reset` and `report`. Out: their results, and run.json below
.wdh/runs (`runs`).

To add: a condition that must hold before anything is changed goes into `preflight` (database, versions, rights) or
`seeds` (files of seeds), and is called in `preparation`; a step of a setup into `setup`, one in which dbt builds
into `building`; a check of what was built into `validation`; a question to the catalog of PostgreSQL into
`catalog`; a field of the record into `runs`, and into `report` if it can be compared or summed up.
"""
