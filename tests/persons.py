"""Several persons on one machine: commands that the system runs as somebody else, as far as they can tell."""

import os
from pathlib import Path

from checkouts import Checkout, Result

_PATCH = """
import os
import pwd

person, known = os.environ.get("WORKDATAHUB_TEST_PERSON"), pwd.getpwuid
if person:
    pwd.getpwuid = lambda uid: pwd.struct_passwd((person, *known(uid)[1:]))
"""


def by(person: str, checkout: Checkout, *arguments: str | Path) -> Result:
    """Run `python run.py` as somebody with another login."""
    folder = checkout.root / ".persons"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_PATCH, encoding="utf-8")
    path = ":".join(filter(None, (str(folder), str(checkout.root), os.environ.get("PYTHONPATH"))))
    return checkout.bare(*arguments, PYTHONPATH=path, WORKDATAHUB_TEST_PERSON=person)
