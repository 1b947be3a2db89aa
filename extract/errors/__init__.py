"""Every message that a user can meet: one class for each kind, one module for each room.

In: what happened - the file, the cell, the value. Out: an exit code, a message that names them, and the next thing to
do. docs/errors.md is made from the classes (`python -m extract.errors.pages`).

To add: a class goes into the module of the room that raises it, under one of the bases in `base`, which give the exit
code; then write the page again. A new module is named in `pages.ROOMS`.
"""
