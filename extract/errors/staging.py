"""What a load, an undo, a prune or a repair of the history refuses."""

from dataclasses import dataclass

from extract.errors.base import DatabaseError, DataError, UsageError, Whole


@dataclass(eq=False)
class BatchUnknown(UsageError):
    """The ledger has no batch of that number."""

    batch: int

    title = "Batch unknown"
    template = "there is no batch {batch} in the ledger"
    remedy = "see `python run.py history`"


@dataclass(eq=False)
class KeysExist(DataError):
    """--mode append met keys that staging already holds."""

    table: Whole
    count: int
    examples: Whole

    title = "Keys exist"
    template = "{count} keys are in {table} already, for example {examples}; append loads new keys only"
    remedy = "use --mode delete_insert to restate them"


@dataclass(eq=False)
class MissingMeasure(DataError):
    """A workbook lacks the column of a measure that the last loaded one had."""

    file: str
    sheet: str
    measures: Whole
    before: str

    title = "Missing measure"
    template = "{file}, sheet {sheet}, has no column for {measures}, which {before} had; nothing was loaded"
    remedy = "add the header it stands under to `aliases`, or load without it by --accept missing_measure"


@dataclass(eq=False)
class TooManyRemoved(DataError):
    """--mode replace_period would withdraw more of the existing rows than max_removed_ratio allows."""

    table: Whole
    removed: int
    existing: int
    limit: float
    keys: Whole

    title = "Too many removed"
    template = "{removed} of {existing} rows of {table} would go, more than max_removed_ratio {limit:g} allows: {keys}"
    remedy = "check that the workbooks are complete (--diff lists every key); if they are, raise max_removed_ratio"


@dataclass(eq=False)
class RemovedBesideRejects(DataError):
    """--mode replace_period would withdraw keys while rows are rejected, which may be their new versions."""

    table: Whole
    removed: int
    rejects: int
    keys: Whole

    title = "Removed beside rejects"
    template = "{rejects} rows are rejected, and {removed} rows of {table} would go that they may restate: {keys}"
    remedy = "mend the rejected rows (make a plan and see its rejects.xlsx), then load the whole workbook again"


@dataclass(eq=False)
class BatchNotUndoable(DataError):
    """`undo` cannot take a batch out."""

    batch: int
    problem: Whole

    title = "Batch not undoable"
    template = "batch {batch} cannot be undone: {problem}"
    remedy = "see `python run.py history`"


@dataclass(eq=False)
class HistoryNotBuilt(DataError):
    """`prune` found no history mart, which must hold what goes, or `repair history` found none to mend."""

    table: Whole

    title = "History not built"
    template = "{table} does not exist, so staging holds the only copy of older versions"
    remedy = "run `dbt build` first"


@dataclass(eq=False)
class HistoryDiffers(DatabaseError):
    """`repair history` found a history mart with other columns than it can fill."""

    table: Whole
    difference: Whole

    title = "History differs"
    template = "{table} cannot be made again from staging: {difference}; nothing was changed"
    remedy = "give it the columns that docs/adding-a-domain.md names"


@dataclass(eq=False)
class MartRunsCode(DatabaseError):
    """Reading a mart of another owner could run code of that owner with the rights of the one who reads."""

    table: Whole
    found: Whole

    title = "Mart runs code"
    template = "{table} belongs to another role, and reading it could run what that role has hung on it: {found}"
    remedy = "find out who did that; drop it and run `dbt build`, which makes plain tables"


@dataclass(eq=False)
class StagingDiffers(DatabaseError):
    """A staging table exists with other columns than the domain model has."""

    table: Whole
    difference: Whole

    title = "Staging differs"
    template = "{table} does not have the columns of the domain model: {difference}"
    remedy = "alter the table to match, or move it away; it is made anew where it is missing"
