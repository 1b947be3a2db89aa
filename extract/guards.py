"""The guards that stop a load which is probably wrong, and that `--accept CODE` lets pass, one by one."""

KEYS_SHARED = "keys_in_several_files"
GUARDS = {
    "period_mismatch": "rows of another month than the one in the name of their workbook load",
    "column_doubtful": "a header that resembles an accepted one is ignored, and its field stays empty",
    KEYS_SHARED: "files that share keys load, though they are no versions of one period: the later one counts",
    "missing_measure": "a workbook without a measure that the last one had loads",
}
"""Code to what happens where it is accepted."""
