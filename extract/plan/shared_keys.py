"""The keys of the files of a run against each other: which are shared, and which codes look like those of another file.

Keys hold their month. So files of months of their own share none, and nobody looks at theirs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from extract.domains.registry import Domain
from extract.errors.plan import KeysShared
from extract.fields.codes import Code
from extract.files.versions import version_of
from extract.guards import KEYS_SHARED
from extract.plan.landing import Extraction
from extract.table.records.lookalikes import confusable_codes
from extract.table.records.results import FileWarning
from extract.wording import Sentence

ANOTHER = Sentence("another workbook")
"""Where the codes of the other workbooks of a run stand."""


@dataclass
class SharedKeys:
    """The keys of the files of an extraction, all of which it has; `rivals_wished` as in `pipeline.gather`."""

    extraction: Extraction
    rivals_wished: bool = False

    def settle(self) -> None:
        """Count the keys, and warn of what is shared and of what looks alike."""
        landed = self.extraction.files
        files, odd = range(len(landed)), any(file.odd_codes for file in landed)
        compared = list(files) if odd else sorted(self._of_shared_months())
        owners: dict[str, int] = {}
        shared: dict[tuple[int, int], list[str]] = {}
        repeated: set[str] = set()
        for position in compared:
            for key in self.extraction.keys(landed[position]):
                owner = owners.setdefault(key, position)
                if owner != position:
                    repeated.add(key)
                    shared.setdefault((owner, position), []).append(key)
        if odd:
            _warn_of_confusable_codes(self.extraction, owners)
        for (first, second), keys in shared.items():
            _tell_shared_keys(self.extraction, first, second, keys, rivals_wished=self.rivals_wished)
        alone = set(files).difference(compared)
        reports = [file.report for file in self.extraction.files]
        self.extraction.distinct_keys = len(owners) + sum(reports[position].rows_loaded for position in alone)
        self.extraction.keys_in_several_files = len(repeated)

    def _of_shared_months(self) -> set[int]:
        """The files that hold a month which another one holds too; all of them where months do not tell."""
        reports = [file.report for file in self.extraction.files]
        if not _months_tell(self.extraction.domain):
            return set(range(len(reports)))
        holders = Counter(month for report in reports for month in report.months)
        return {at for at, report in enumerate(reports) if any(holders[month] > 1 for month in report.months)}


def _months_tell(domain: Domain) -> bool:
    """Whether the months of a file are those of its keys."""
    periods = [field.name for field in domain.cell_fields if field.type.is_period]
    return len(periods) == 1 and periods[0] in domain.config.pk


def _tell_shared_keys(
    extraction: Extraction, first: int, second: int, keys: Sequence[str], *, rivals_wished: bool
) -> None:
    """Refuse or warn of files that share keys and are no versions of one period (rules.md, Rows).

    Rows of months beside that of their file are expected in files of several, and where --accept lets them pass: there
    the later file restates the earlier one. So it does where `rivals_wished` takes all files of a month.
    """
    one, other = extraction.files[first].report, extraction.files[second].report
    of_one_month = bool(one.period) and one.period == other.period
    told_apart = version_of(one.data_source) != version_of(other.data_source)
    if one.path == other.path or (of_one_month and told_apart):
        return
    example = keys[0].replace("\t", " ")
    several_months = one.period != other.period and (
        extraction.domain.config.periods_per_file == "many" or "period_mismatch" in extraction.accepted
    )
    wished = of_one_month and rivals_wished
    if not (wished or several_months or KEYS_SHARED in extraction.accepted or one.mends or other.mends):
        extraction.errors.append(
            KeysShared(first=one.data_source, second=other.data_source, keys=len(keys), example=example)
        )
        return
    detail = Sentence(
        "{keys} keys stand in {workbook} too, for example {example}; the values of this workbook,"
        " which is the later one, count",
        keys=len(keys),
        workbook=one.data_source,
        example=example,
    )
    warnings = (*other.warnings, FileWarning(KEYS_SHARED, detail))
    landed = extraction.files[second]
    extraction.files[second] = replace(landed, report=replace(other, warnings=warnings))


def _warn_of_confusable_codes(extraction: Extraction, owners: Mapping[str, int]) -> None:
    """Warn of codes that look like those of another workbook of the run, at the file that holds the odd one."""
    odd = [key for key in owners if not key.isascii()]
    if not odd:
        return
    domain = extraction.domain
    codes = [field.name for field in domain.cell_fields if isinstance(field.type, Code)]
    for part, name in enumerate(domain.config.pk):
        for position in sorted({owners[key] for key in odd}) if name in codes else ():
            own = {key.split("\t")[part] for key in odd if owners[key] == position}
            others = {key.split("\t")[part] for key, owner in owners.items() if owner != position}
            found = confusable_codes(name, own, {ANOTHER: others})
            file = extraction.files[position]
            if found and ANOTHER in found.detail:
                warnings = (*file.report.warnings, found)
                extraction.files[position] = replace(file, report=replace(file.report, warnings=warnings))
