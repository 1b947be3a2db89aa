"""The month's page: what the marts hold of a month, as one HTML file that needs no server and no network.

Takes settings and a month; gives a file. `reading` takes one snapshot of the database, and `found_tests` what the tests
of the build said; `account`, `performance` and `persons` make sections of them, by `markup` and `charts`; `document` is
the page around them with its look and its script; `writing` is what the command calls. A further section is a function
beside the others, named in `document`.
"""
