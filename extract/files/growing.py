"""Whether a workbook that was found is still being written, such as by a copy over a slow network."""

import time
from datetime import UTC, datetime, timedelta

from extract.files.sources import SourceFile
from extract.wording import Sentence

GROWING = Sentence("it is still growing: left for the next run")
_FRESH = timedelta(seconds=10)
"""A file that was written so shortly before may be half there."""
_PATIENCE, _LOOK = 1.0, 0.1
"""Seconds that a fresh file which cannot be read is watched, and between two looks."""


def has_grown(source: SourceFile, *, patient: bool) -> bool:
    """Whether the same file has more bytes than when it was found; `patient`: a fresh one is watched for a second."""
    deadline = time.monotonic() + (_PATIENCE if patient and _is_fresh(source) else 0)
    while True:
        if _has_more(source):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK)


def _is_fresh(source: SourceFile) -> bool:
    return abs(datetime.now(UTC) - source.modified_at) < _FRESH


def _has_more(source: SourceFile) -> bool:
    try:
        status = source.path.stat()
    except OSError:
        return False
    return source.inode == (status.st_dev, status.st_ino) and status.st_size > source.file_size
