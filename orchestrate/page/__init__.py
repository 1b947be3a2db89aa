"""The month's page: what the marts hold of a month, as one HTML file that needs no server and no network.

Takes settings and a month; gives a file. `reading` takes one snapshot of the database and `found_tests` what the tests of
the build said; `sections` make them to HTML by `markup` and `charts`; `document` is the frame with its look and its few
lines of script; `writing` is what the command calls. A further section is a function in `sections` or a module beside it.
"""
