"""Names that the extract, the ledger and the marts share: the schemas, and what a load does with keys that exist."""

from typing import Literal

STAGING = "staging"
INTERMEDIATE = "intermediate"
MARTS = "marts"
Mode = Literal["delete_insert", "append", "replace_period"]
LoadMode = Literal[Mode, "undo"]
"""What the ledger knows as the mode of a batch."""
