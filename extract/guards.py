"""The guards that stop a load which is probably wrong, and that `--accept CODE` lets pass, one by one."""

GUARDS = {
    "period_mismatch": "rows of another month than the one in the name of their workbook load",
    "column_doubtful": "a header that resembles an accepted one is ignored, and its field stays empty",
    "missing_measure": "a workbook without a measure that the last one had loads",
}
"""Code to what happens where it is accepted."""
GUARDS_OF_A_PLAN = {
    "moved_keys": "a plan loads although later batches have changed keys since its comparison with the mart",
}
"""The same of `apply`."""
