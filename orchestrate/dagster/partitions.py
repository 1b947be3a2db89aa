"""The months that plan and load are partitioned by; the workbooks of a month are mapped inside its partition."""

from datetime import datetime

import dagster as dg

from extract.files.versions import PeriodRange

FORMAT = "%Y-%m"
MONTHS = dg.MonthlyPartitionsDefinition(start_date="2000-01", fmt=FORMAT, end_offset=1)
"""From the first month that a file name can hold (20xx) to the current one."""


def months_of(key: str) -> PeriodRange:
    """The month of a partition."""
    month = datetime.strptime(key, FORMAT).date()  # noqa: DTZ007  # a month has no time zone
    return PeriodRange(month, month)
