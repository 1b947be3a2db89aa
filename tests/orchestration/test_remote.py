"""Workbooks and plans in a store: the same rows, what has not changed is not fetched again, and what cannot be used."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import pytest

from checkouts import Checkout
from conftest import ROW, WriteWorkbook, plan_of
from databases import Database
from extract.errors.base import ExitCode
from extract.errors.plan import PlanDirectoryUnusable, PlanMissing
from extract.files.discovery import Wish
from extract.observer import Silent
from extract.settings import Settings
from orchestrate import remote
from orchestrate.loading import plan_or_load
from orchestrate.options import LoadOptions, RunOptions
from orchestrate.results import Planned

pytestmark = pytest.mark.skipif(
    find_spec("fsspec") is None, reason="fsspec is not installed: pip install -e '.[remote]'"
)
S3 = pytest.mark.skipif(
    find_spec("moto") is None or find_spec("s3fs") is None,
    reason="moto is not installed: pip install -e '.[remote,extras-dev]'",
)
NAMES = ("months/2024-10_受托业绩.xlsx", "months/2024-11_受托业绩.xlsx")


@pytest.fixture
def book(write_workbook: WriteWorkbook, tmp_path: Path) -> bytes:
    return write_workbook([ROW], folder=tmp_path / "written").read_bytes()


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the copies go, instead of the checkout."""
    monkeypatch.setattr(remote, "ROOT", tmp_path)
    return tmp_path / remote.COPIES


@pytest.fixture
def store(book: bytes) -> Iterator[str]:
    """A place in memory with a workbook, and something else."""
    import fsspec

    place = f"/{uuid4().hex}"
    files = fsspec.filesystem("memory")
    for name, content in ((NAMES[1], book), ("notes.txt", b"x")):
        files.pipe_file(f"{place}/{name}", content)
    yield f"memory:/{place}"
    files.rm(place, recursive=True)


ASKED = RunOptions(
    domain="trustee_performance",
    execute=False,
    diff=False,
    wish=Wish(10),
    files=(),
    sheet=None,
    mode="delete_insert",
    plan_dir=None,
    workers=1,
    accepted=frozenset(),
    load=LoadOptions(0, reload=False),
)


def planned(url: str, target: Path, **other: Any) -> Planned:
    done = plan_or_load(replace(ASKED, data_url=url, plan_dir=target, **other), Settings(), Silent())
    assert isinstance(done, Planned)
    return done


def test_the_rows_are_those_of_a_directory(store: str, copies: Path, book: bytes, tmp_path: Path) -> None:
    planned(store, tmp_path / "remote")
    here = tmp_path / "here" / NAMES[1]
    here.parent.mkdir(parents=True)
    here.write_bytes(book)
    plan_or_load(replace(ASKED, plan_dir=tmp_path / "local"), Settings(data_base_dir=tmp_path / "here"), Silent())
    assert plan_of(tmp_path / "remote") == plan_of(tmp_path / "local") != []
    assert [path.name for path in copies.rglob("*.*") if path.is_file()] == [Path(NAMES[1]).name]


def test_what_has_not_changed_is_not_fetched_again_and_what_is_gone_goes(store: str, copies: Path, book: bytes) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    place = store.removeprefix("memory:/")
    everything = (lambda name: name.endswith(".xlsx"), 2**20)
    folder = remote.fetch(store, *everything)
    first = (folder / NAMES[1]).stat()
    files.pipe_file(f"{place}/{NAMES[0]}", book)
    remote.fetch(store, *everything)
    assert (folder / NAMES[1]).stat().st_ino == first.st_ino
    assert (folder / NAMES[0]).exists()
    files.rm_file(f"{place}/{NAMES[1]}")
    remote.fetch(store, *everything)
    assert [path.name for path in folder.rglob("*.xlsx")] == [Path(NAMES[0]).name]


def test_a_plan_is_sent_and_never_over_another(store: str, copies: Path, tmp_path: Path) -> None:
    import fsspec

    target = f"{store}/plans/one"
    done = planned(store, tmp_path / "plan", plan_url=target)
    files = fsspec.filesystem("memory")
    sent = {Path(path).name: files.cat_file(path) for path in files.find(target.removeprefix("memory:/"))}
    assert sent == {path.name: path.read_bytes() for path in done.plan.directory.iterdir()}
    with pytest.raises(PlanDirectoryUnusable):
        planned(store, tmp_path / "other", plan_url=target)


def test_a_file_beyond_the_limit_is_refused_without_being_fetched(store: str, copies: Path, book: bytes) -> None:
    folder = remote.fetch(store, lambda name: name.endswith(".xlsx"), 10)
    copy = folder / NAMES[1]
    assert copy.stat().st_size == len(book)
    assert copy.read_bytes() != book


@pytest.mark.parametrize(
    ("url", "plain"), [("sftp://me:secret@host/a", "sftp://host/a"), ("s3://bucket/a@b", "s3://bucket/a@b")]
)
def test_no_password_of_a_url_is_shown(url: str, plain: str) -> None:
    assert remote._plain(url) == plain


def test_what_is_no_plan_is_named_by_its_url(store: str, copies: Path) -> None:
    with pytest.raises(PlanMissing, match=f"there is no plan in {store}"):
        remote.plan(store)


@S3
@pytest.mark.database
def test_workbooks_and_plan_in_s3(loading: Checkout, database: Database, book: bytes) -> None:
    import fsspec
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        access = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
                  "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
        files = fsspec.filesystem(
            "s3", endpoint_url=access["AWS_ENDPOINT_URL"], key="a", secret="b", use_listings_cache=False
        )
        files.mkdir("pensions")
        files.pipe_file(f"pensions/in/{NAMES[1]}", book)
        command = ["--data-dir", "s3://pensions/in", "--plan-dir", "s3://pensions/out/one"]
        done = loading.bare(*command, **{**access, "no_proxy": "127.0.0.1"})
        assert done.returncode == ExitCode.OK, done.stderr
        assert {Path(path).name for path in files.find("pensions/out/one")} == {
            "plan.json", "plan.sql", "plan.xlsx", "rejects.csv", "trustee_performance.csv",
        }  # fmt: skip
        again = loading.bare(*command, **access)
        assert again.returncode == ExitCode.USAGE
        assert "s3://pensions/out/one" in again.stderr

        rmtree(loading.root / ".wdh" / "remote")  # as on another machine
        lost = loading.bare("apply", "s3://pensions/out/one", **access)
        assert (lost.returncode, "is neither below" in lost.stderr) == (ExitCode.DATA, True), lost.stderr
        compared = loading.bare("apply", "s3://pensions/out/one", "--data-dir", "s3://pensions/in", "--diff", **access)
        assert compared.returncode == ExitCode.OK, compared.stderr
        assert files.exists("pensions/out/one/diff.csv")
        loaded = loading.bare("apply", "s3://pensions/out/one", "--data-dir", "s3://pensions/in", **access)
        assert loaded.returncode == ExitCode.OK, loaded.stderr
        assert database.query("select count(*) from staging.trustee_performance") == [(1,)]
    finally:
        server.stop()
