"""What a rejects workbook calls its first sheet and its own columns: by these names it is known when it comes back.

They are written in the language of the reader, and read in every one, since who mends and who loads may differ. They
are of the format, not of the catalogue: another wording there would make workbooks unreadable that people still have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Names:
    """The names of one language. `summary` is the mark: the title of the first sheet; behind it are the rows."""

    summary: str
    mend_here: str
    rejected_rows: str
    reasons: str
    reject_id: str
    workbook: str
    sheet: str
    place: str
    month: str
    delimiter: str

    @property
    def always(self) -> tuple[str, ...]:
        """The columns that stand behind the data in every such sheet, and tell where a row comes from."""
        return self.reject_id, self.workbook, self.sheet, self.place


NAMES: Mapping[str, Names] = {
    "en": Names(
        summary="WorkDataHub rejects",
        mend_here="Mend here",
        rejected_rows="Rejected rows",
        reasons="Reasons",
        reject_id="Reject id",
        workbook="Original workbook",
        sheet="Original sheet",
        place="Original row",
        month="Month of original workbook",
        delimiter="Original separator",
    ),
    "zh": Names(
        summary="WorkDataHub 退回记录",
        mend_here="改正处",
        rejected_rows="退回行数",
        reasons="问题",
        reject_id="退回编号",
        workbook="原工作簿",
        sheet="原工作表",
        place="原行号",
        month="原工作簿月份",
        delimiter="原分隔符",
    ),
    "both": Names(
        summary="WorkDataHub rejects",
        mend_here="改正处 (mend here)",
        rejected_rows="退回行数 (rejected rows)",
        reasons="问题 (reasons)",
        reject_id="退回编号 (reject id)",
        workbook="原工作簿 (workbook)",
        sheet="原工作表 (sheet)",
        place="原行号 (source row)",
        month="原工作簿月份 (month of workbook)",
        delimiter="原分隔符 (separator)",
    ),
}
"""Language to names; `both` is what was written in any language before each had its own."""

MARKS = frozenset(names.summary for names in NAMES.values())


def own_columns(header: Sequence[str]) -> tuple[Names, Mapping[str, int]] | None:
    """The names that a header is written in, and its columns of the format by name; None where it has no reject id.

    A column of the data may be named like one of the format. Of two that are named alike the last one counts, since
    the format stands behind the data; and of those that not every sheet has, only what stands among the others.
    """
    last = {name: index for index, name in enumerate(header)}
    known = [names for names in NAMES.values() if names.reject_id in last]
    if not known:
        return None
    names = max(known, key=lambda one: last[one.reject_id])
    columns = {name: last[name] for name in names.always if name in last}
    first = min(columns.values())
    optional = (names.reasons, names.month, names.delimiter)
    return names, columns | {name: last[name] for name in optional if last.get(name, -1) >= first - 1}


def counting_columns(header: Sequence[str]) -> tuple[int, int] | None:
    """Where the first sheet names the sheets to mend and counts their rows; None where a header does not."""
    for names in NAMES.values():
        if names.mend_here in header and names.rejected_rows in header:
            return header.index(names.mend_here), header.index(names.rejected_rows)
    return None
