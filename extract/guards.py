"""The guards that stop a load which is probably wrong, and that `--accept CODE` lets pass, one by one."""

from extract.wording import Sentence

KEYS_SHARED = "keys_in_several_files"
MENDS_OVERTAKEN = "mends_overtaken"
_OVERTAKEN = Sentence("mended rejects replace figures of their keys that were loaded after they were rejected")
GUARDS = {
    "period_mismatch": Sentence("rows of another month than the one in the name of their workbook load"),
    "column_doubtful": Sentence("a header that resembles an accepted one is ignored, and its field stays empty"),
    KEYS_SHARED: Sentence(
        "files that share keys load, though they are no versions of one period: the later one counts"
    ),
    "missing_measure": Sentence("a workbook without a measure that the last one had loads"),
    MENDS_OVERTAKEN: _OVERTAKEN,
}
"""Code to what happens where it is accepted."""
GUARDS_OF_A_PLAN = {
    "moved_keys": Sentence("a plan loads although later batches have changed keys since its comparison with the mart"),
    MENDS_OVERTAKEN: _OVERTAKEN,
}
"""The same of `apply`."""
