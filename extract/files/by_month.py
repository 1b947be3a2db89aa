"""All workbooks of a domain by month, for who watches a directory: none is chosen, and none is refused."""

from datetime import date
from pathlib import Path

from extract.config import DiscoveryConfig, DomainConfig
from extract.files.discovery import Wish, matching
from extract.files.sources import SourceFile


def by_month(directory: Path, config: DomainConfig, rules: DiscoveryConfig) -> dict[date, tuple[SourceFile, ...]]:
    """Every workbook of a domain below `directory`, by each month that its name may mean; none is chosen or refused.

    Raises DataDirectoryMissing and PathUnusable.
    """
    matches, _ = matching(directory, config, rules, Wish(), [])
    found: dict[date, list[SourceFile]] = {}
    for source in sorted(matches, key=lambda source: source.load_order):
        for month in source.months or (source.period,):
            if month:
                found.setdefault(month, []).append(source)
    return {month: tuple(found[month]) for month in sorted(found)}
