"""The Python step: monthly Excel workbooks to validated rows, planned as CSV or copied into the staging schema."""

__version__ = "0.1.0"
