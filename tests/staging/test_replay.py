"""Random loads, undos, prunes and builds against a model: what counts is a replay of the batches in effect.

The library is called directly, and `dbt build` is played by the SQL that dbt compiled, in the way of its delete+insert.
test_story.py runs the commands and dbt itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import openpyxl
import pytest

import extract.staging.retention
from conftest import HEADER, Checkout, Database, copy_checkout, make_database
from extract.database.connection import Target
from extract.domains.registry import Domain
from extract.errors.staging import BatchNotUndoable, KeysExist, TooManyRemoved
from extract.modes import Mode
from extract.plan.landing import LandedFile, Landing, new_spool, spooled
from extract.staging.history import HistoryRepair, repair
from extract.staging.loading import load
from extract.staging.retention import prune
from extract.staging.withdrawal import undo
from extract.table.records.results import FileReport

pytestmark = pytest.mark.database

FEW, SOME, MANY = 4, 100, 400
"""Sequences of the default run, up to which .ci/run goes, and of all."""
NOW = datetime(2026, 11, 20, tzinfo=UTC)
TABLES = (
    "marts.trustee_performance", "marts.trustee_performance_history", "intermediate.int_trustee_performance_next",
    "intermediate.int_trustee_performance_history_next", "staging.rejected_rows",
    "staging.mended_rejects",
    "staging.trustee_performance", "staging.source_files", "staging.load_batches",
)  # fmt: skip

Key = tuple[str, str, str]
Content = dict[Key, int]


@dataclass(frozen=True)
class Book:
    """A workbook: its name and its rows, from key to fund_scale."""

    name: str
    rows: Content

    @property
    def sha256(self) -> str:
        """A stand-in for the hash: the name, since every book here has other rows."""
        return self.name.encode().hex().rjust(64, "0")


@dataclass
class Batch:
    """A batch of the model."""

    number: int
    mode: str
    books: list[Book] = field(default_factory=list)
    undoes: int | None = None
    pruned: bool = False

    @property
    def rows(self) -> Content:
        """Its rows; of a key in several books that of the last one."""
        return {key: value for book in self.books for key, value in book.rows.items()}


def scope(key: Key) -> tuple[str, str]:
    """What replace_period replaces whole: month and company."""
    return key[0], key[2]


@dataclass
class Model:
    """What must count, from the batches alone."""

    ratio: float
    batches: list[Batch] = field(default_factory=list)

    def out_of_effect(self) -> set[int]:
        """Numbers of undone batches; an undo that was undone does not count."""
        found: set[int] = set()
        for batch in reversed(self.batches):
            if batch.undoes and batch.number not in found:
                found.add(batch.undoes)
        return found

    def state(self) -> Content:
        """Replay of the batches in effect."""
        out, state = self.out_of_effect(), {}
        for batch in self.batches:
            if batch.number in out or batch.undoes:
                continue
            if batch.mode == "replace_period":
                replaced = {scope(key) for key in batch.rows}
                state = {key: value for key, value in state.items() if scope(key) not in replaced}
            state |= batch.rows
        return state

    def known(self, mode: str, books: list[Book]) -> set[str]:
        """Names of the books that a load skips."""
        out = self.out_of_effect()
        effective = [batch for batch in self.batches if batch.number not in out]
        if mode == "append":
            return set()
        if mode == "replace_period":  # whole, or not at all
            names = {book.name for book in books}
            same = [names == {book.name for book in batch.books} for batch in effective if batch.mode == mode]
            return {book.name for book in books} if any(same) else set()
        return {book.name for book in books if any(book in batch.books for batch in effective)}

    def load(self, mode: str, books: list[Book]) -> str:
        """What a load must do: load, skip or refuse."""
        known = self.known(mode, books)
        if known >= {book.name for book in books}:
            return "skipped"
        keys = [key for book in books for key in book.rows]
        several = len(keys) != len(set(keys))
        first = next(position for position, book in enumerate(books) if book.name not in known)
        kept = [book for n, book in enumerate(books) if book.name not in known or (several and n > first)]
        state, rows = self.state(), {key for book in kept for key in book.rows}
        if mode == "append" and rows & state.keys():
            return "refused"
        if mode == "replace_period":
            existing = [key for key in state if scope(key) in {scope(row) for row in rows}]
            if len([key for key in existing if key not in rows]) > self.ratio * len(existing):
                return "refused"
        self.batches.append(Batch(0, mode, kept))
        return "loaded"

    def undo(self, number: int) -> str:
        """What an undo must do."""
        if number in self.out_of_effect() or any(batch.number == number and batch.pruned for batch in self.batches):
            return "refused"
        self.batches.append(Batch(0, "undo", undoes=number))
        return "undone"


@pytest.fixture(scope="module")
def built(server: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, Database]]:
    """A checkout and a database whose tables are there, without rows."""
    for database in make_database(server):
        checkout = Checkout(copy_checkout(tmp_path_factory.mktemp("replay")), database.environment)
        workbook = openpyxl.Workbook()
        workbook.active.append(HEADER)
        path = checkout.root / "data" / "2024-01_受托业绩.xlsx"
        workbook.save(path)
        done = checkout.run("--execute", "--file", path)
        assert done.returncode == 0, done.stderr
        assert "no_rows" in done.stdout
        assert checkout.build().returncode == 0  # on empty staging tables too
        assert database.query("select * from marts.trustee_performance") == []
        assert checkout.dbt("compile", "--quiet").returncode == 0  # the marts exist, so this is the incremental SQL
        database.query(f"alter database {database.target.parameters['dbname']} set synchronous_commit = off")
        yield checkout, database


@dataclass
class Stand:
    """The real side: a database, the SQL of its marts, and every version that staging ever held."""

    database: Database
    domain: Domain
    checkout: Checkout
    seen: dict[tuple[object, ...], tuple[object, ...]] = field(default_factory=dict)

    def load(self, mode: Mode, books: list[Book]) -> str:
        """Load books made by hand."""
        landing = landing_of(self.domain, books)
        with landing:
            try:
                done = load(landing, mode, self.database.target, 0)
            except (KeysExist, TooManyRemoved):
                return "refused"
        return "skipped" if done.batch_id is None else "loaded"

    def undo(self, number: int) -> str:
        """Take a batch out."""
        try:
            undo(self.domain, number, self.database.target, 0)
        except BatchNotUndoable:
            return "refused"
        return "undone"

    def observe(self) -> None:
        """Remember the versions that staging holds."""
        rows = self.database.query(
            "select report_date, plan_code, company_code, batch_id, file_id, source_row, withdrawn,"
            " case when not withdrawn then fund_scale end from staging.trustee_performance"
        )
        self.seen |= {row[:5]: row[5:] for row in rows}

    def last_batch(self) -> int:
        """Number of the newest batch."""
        ((number,),) = self.database.query("select max(batch_id) from staging.load_batches")
        return number

    def latest(self) -> Content:
        """What counts by the view that the mart reads, in a build that begins now."""
        self._begin()
        return self._figures("intermediate.int_trustee_performance_latest where not withdrawn")

    def mart(self) -> Content:
        """What the mart holds."""
        return self._figures("marts.trustee_performance")

    def _begin(self) -> None:
        newest = "select coalesce(max(batch_id), 0) from staging.load_batches"
        self.database.query(f"update intermediate.build_horizon set batch_id = ({newest})")

    def _figures(self, source: str) -> Content:
        query = f"select report_date::text, plan_code, company_code, fund_scale::bigint from {source}"
        return {row[:3]: row[3] for row in self.database.query(query)}

    def build(self) -> None:
        """What `dbt build` does to the two incremental marts and their next states."""
        self._begin()
        key = ["report_date", "plan_code", "company_code"]
        version = [*key, "batch_id", "file_id"]
        for schema, model, unique in (
            ("intermediate", "int_trustee_performance_next", key),
            ("intermediate", "int_trustee_performance_history_next", version),
            ("marts", "trustee_performance", key),
            ("marts", "trustee_performance_history", version),
        ):
            path = self.checkout.root / "target/compiled/workdatahub/dbt_project/models" / schema / f"{model}.sql"
            same = " and ".join(f"old.{name} = new.{name}" for name in unique)
            table = f"{schema}.{model}"
            withdrawn = (
                f"delete from {table} as old using intermediate.int_trustee_performance_latest as new"
                f" where new.withdrawn and new.batch_id > (select coalesce(max(batch_id), 0) from {table}) and {same};"
            )
            self.database.query(
                f"begin; {withdrawn if unique == key else ''}"
                f"create temporary table fresh on commit drop as {path.read_text(encoding='utf-8')};"
                f"delete from {table} as old using fresh as new where {same};"
                f"insert into {table} select * from fresh; commit"
            )

    def check_history(self) -> None:
        """Every version that ever was, from its load to the next one."""
        found = self.database.query(
            "select report_date, plan_code, company_code, batch_id, file_id, source_row, withdrawn, fund_scale,"
            " valid_from, valid_to, is_current from marts.trustee_performance_history"
            " order by report_date, plan_code, company_code, batch_id, file_id"
        )
        assert {row[:5]: row[5:8] for row in found} == self.seen
        times = dict(self.database.query("select batch_id, loaded_at from staging.load_batches"))
        for row, following in zip(found, [*found, None][1:], strict=True):
            last = following is None or following[:3] != row[:3]
            expected = (times[row[3]], None if last else following[8], last and not row[6])
            assert row[8:] == expected, row

    def repair(self) -> HistoryRepair:
        """Mend the history."""
        (done,) = repair([self.domain], self.database.target, 0, execute=True)
        return done

    def break_history(self, chance: random.Random) -> None:
        """Harm some versions of the history; the figures only of those that staging still holds."""
        rows = self.database.query(
            "select history.ctid::text, exists (select 1 from staging.trustee_performance as version"
            " where (version.report_date, version.plan_code, version.company_code, version.batch_id, version.file_id) ="
            " (history.report_date, history.plan_code, history.company_code, history.batch_id, history.file_id))"
            " from marts.trustee_performance_history as history"
        )
        for row, staged in chance.sample(rows, len(rows) // 2):
            harms = ["update {} set is_current = not is_current", "update {} set valid_to = null",
                     "update {} set valid_to = '2020-01-01', valid_from = '2020-01-01'"]  # fmt: skip
            if staged:
                harms += ["update {} set fund_scale = -1, withdrawn = not withdrawn", "delete from {}"]
            harm = chance.choice(harms).format("marts.trustee_performance_history")
            self.database.query(f"{harm} where ctid = '{row}'")


def landing_of(domain: Domain, books: list[Book]) -> Landing:
    """What an extraction of the books would give."""
    landing = Landing(domain, new_spool(), new_spool())
    keys = [key for book in books for key in book.rows]
    landing.keys_in_several_files = len(keys) - len(set(keys))
    for book in books:
        lines = [
            f"{month},{plan},{company},0.01,1.5,{value},true,[],{book.name},s,{number}\n"
            for number, ((month, plan, company), value) in enumerate(book.rows.items(), start=2)
        ]
        report = FileReport(
            data_source=book.name, path=f"/data/{book.name}", period=None, sha256=book.sha256, size=1, modified_at=NOW,
            sheet="s", header_row=1, rows_read=len(lines), rows_loaded=len(lines), rows_rejected=0, rows_skipped={},
            rules=domain.rules_version,
        )  # fmt: skip
        span = spooled(landing.spool, "".join(lines).encode())
        landing.files.append(LandedFile(report, span, spooled(landing.rejected_spool, b"")))
    return landing


def some_books(chance: random.Random) -> list[Book]:
    """Books on the same few keys, each with figures of its own."""
    keys = [(month, plan, company) for month in ("2024-01-01", "2024-02-01") for company in "CD" for plan in "ABC"]
    books = []
    for number in range(6):
        month = chance.choice([("2024-01-01",), ("2024-01-01", "2024-02-01")])
        likely = [key for key in keys if key[0] in month]
        rows = chance.sample(likely, chance.randint(1, len(likely)))
        books.append(Book(f"book{number}", {key: 1000 * (number + 1) + n for n, key in enumerate(rows)}))
    return books


def play(stand: Stand, chance: random.Random, steps: int) -> None:
    """One sequence: after each step what counts must be what the model says."""
    model, books, told = Model(stand.domain.config.max_removed_ratio), some_books(chance), []
    for _ in range(steps):
        action = chance.choice(
            ["delete_insert"] * 3 + ["replace_period"] * 3 + ["append", "prune", "build"] + ["undo"] * 4
        )
        if action in ("undo", "prune") and not model.batches:
            continue
        if action == "undo":
            number = chance.choice(model.batches).number
            told.append((action, number))
            assert stand.undo(number) == model.undo(number), told
        elif action == "prune":
            keep = chance.randint(1, 3)
            if chance.random() < 0.7:
                stand.build()
            done = prune(stand.domain, keep, stand.database.target, 0, execute=True)
            told.append((action, keep, done.horizon, done.rows))
            if done.rows:
                for batch in model.batches:
                    batch.pruned = batch.pruned or batch.number <= done.horizon
        elif action == "build":
            told.append((action,))
            stand.build()
            assert stand.mart() == model.state(), told
        else:
            chosen = chance.sample(books, chance.randint(1, 2))
            told.append((action, *(book.name for book in chosen)))
            assert stand.load(action, chosen) == model.load(action, chosen), told
        if model.batches and not model.batches[-1].number:  # numbers of refused loads are lost
            model.batches[-1].number = stand.last_batch()
        stand.observe()
        assert stand.latest() == model.state(), told
    stand.build()
    assert stand.mart() == model.state(), told
    stand.check_history()
    healthy = stand.repair()
    assert (healthy.missing, healthy.changed, healthy.mart_differs) == (0, 0, 0), told
    stand.break_history(chance)
    stand.repair()
    stand.build()  # the newest batch, where no version of it was left
    stand.check_history()


def emptied(built: tuple[Checkout, Database], domain: Domain) -> Stand:
    """The stand with empty tables."""
    checkout, database = built
    database.query(";".join(f"delete from {table}" for table in TABLES))
    return Stand(database, domain, checkout)


@pytest.fixture
def domain_with_room(domain: Domain) -> Domain:
    """The domain, whose replace_period may remove half of the rows: more batches than with the default."""
    return Domain(domain.name, domain.config.model_copy(update={"max_removed_ratio": 0.6}), domain.units)


@pytest.mark.parametrize(
    "seeds",
    [
        pytest.param(range(FEW), id="few", marks=pytest.mark.heavy),
        pytest.param(range(FEW, SOME), id="some", marks=pytest.mark.heavy),
        pytest.param(range(SOME, MANY), id="many", marks=pytest.mark.heavy),
    ],
)
def test_what_counts_is_a_replay_of_the_batches_in_effect(
    built: tuple[Checkout, Database], domain_with_room: Domain, seeds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract.staging.retention, "CHUNK_ROWS", 3)
    for seed in seeds:
        chance = random.Random(seed)
        play(emptied(built, domain_with_room), chance, chance.randint(3, 9))


KEY = ("2024-01-01", "A", "C")
FIRST, SECOND, THIRD = (Book(name, {KEY: value}) for name, value in (("first", 1), ("second", 2), ("third", 3)))


def test_an_undo_that_was_undone_keeps_the_versions_that_it_would_need(
    built: tuple[Checkout, Database], domain: Domain
) -> None:
    """Batch 2 was undone by 3, and 3 by 4: undoing 4 takes batch 2 out again, which needs the version of batch 1."""
    stand = emptied(built, domain)
    for book in (FIRST, SECOND):
        stand.load("delete_insert", [book])
    stand.undo(stand.last_batch())
    stand.undo(stand.last_batch())
    assert stand.latest() == SECOND.rows
    stand.build()
    assert prune(domain, 1, stand.database.target, 0, execute=True).rows == 0
    assert stand.undo(stand.last_batch()) == "undone"
    assert stand.latest() == FIRST.rows


def test_what_an_undo_restored_before_a_prune_counts_after_it(built: tuple[Checkout, Database], domain: Domain) -> None:
    stand = emptied(built, domain)
    for book in (FIRST, SECOND):
        stand.load("delete_insert", [book])
    stand.undo(stand.last_batch())
    stand.load("delete_insert", [THIRD])
    stand.build()
    assert prune(domain, 1, stand.database.target, 0, execute=True).rows == 2  # what is left is the row of the undo
    assert stand.undo(stand.last_batch()) == "undone"
    assert stand.latest() == FIRST.rows


def test_prune_keeps_what_the_history_does_not_end_yet(built: tuple[Checkout, Database], domain: Domain) -> None:
    stand = emptied(built, domain)
    stand.load("delete_insert", [FIRST])
    stand.build()
    stand.load("delete_insert", [SECOND])
    stand.load("delete_insert", [THIRD])
    stand.observe()
    held = prune(domain, 1, stand.database.target, 0, execute=True)
    assert (held.rows, held.kept_for_marts) == (0, 1)
    stand.build()
    assert prune(domain, 1, stand.database.target, 0, execute=True).rows == 1
    stand.build()
    stand.check_history()


def test_a_workbook_that_shares_its_bytes_with_a_loaded_one_of_another_month_is_loaded(
    built: tuple[Checkout, Database], domain: Domain
) -> None:
    """Where the month comes from the file name, the same bytes under two names are two months."""
    stand = emptied(built, domain)
    january, february = (Book("same", {(month, "A", "C"): 1}) for month in ("2024-01-01", "2024-02-01"))

    def landing(*books: Book) -> Landing:
        made = landing_of(domain, list(books))
        for position, book in enumerate(books):
            ((month, _, _),) = book.rows
            named = {"period": date.fromisoformat(month), "period_from_name": True}
            file = made.files[position]
            made.files[position] = replace(file, report=replace(file.report, **named))
        return made

    with landing(february) as only:
        load(only, "delete_insert", stand.database.target, 0)
    with landing(january, february) as both:
        done = load(both, "delete_insert", stand.database.target, 0)
    assert (done.rows, len(done.skipped)) == (1, 1)
    assert stand.latest() == january.rows | february.rows


def test_a_known_workbook_is_no_reason_to_withdraw_its_keys(built: tuple[Checkout, Database], domain: Domain) -> None:
    """Two workbooks of one month and company, the second of them corrected: both are loaded, as one month."""
    stand = emptied(built, domain)
    one, two = Book("one", {KEY: 1}), Book("two", {("2024-01-01", "B", "C"): 2})
    corrected = Book("corrected", {("2024-01-01", "B", "C"): 3})
    assert stand.load("replace_period", [one, two]) == "loaded"
    assert stand.load("replace_period", [one, corrected]) == "loaded"
    assert stand.latest() == one.rows | corrected.rows
    assert stand.load("replace_period", [one, corrected]) == "skipped"
