"""Mean: what a row is. One module for each domain, their base, and the registry that joins model and configuration.

In: an entry of config/data_sources.yml. Out: a `Domain`: the model, its columns with their SQL types, its key, and the
version of its rules.

To add: a domain is a module here (docs/adding-a-domain.md), which `registry` finds by its name; nothing else may name
it. What all domains have alike goes into `base`.
"""
