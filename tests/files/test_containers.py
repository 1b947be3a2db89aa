"""Workbooks as they arrive: in a .zip, attached to an .eml, under the name .et, and while they are still growing."""

import json
import shutil
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest

from conftest import ROW, Checkout, WriteWorkbook, plan_of
from extract.config import DiscoveryConfig
from extract.domains.registry import Domain
from extract.errors.base import ExitCode
from extract.errors.files import NoFilesFound
from extract.files.containers import contents_of, member_bytes
from extract.files.discovery import Discovered, Wish, discover, named_files
from extract.files.growing import has_grown
from extract.limits import Limits

RULES = DiscoveryConfig(exclude_directories=(), ignore_names=(), max_depth=2, follow_symlinks=False)
NAME = "2024-11_受托业绩.xlsx"


class GbkInfo(zipfile.ZipInfo):
    """An entry whose name is written as Windows in Chinese does."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  # that of the library
        return self.filename.encode("gbk"), self.flag_bits


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip with members."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def mailed(path: Path, *attachments: tuple[str, bytes]) -> Path:
    """A message with attachments, and a message in it that has one too."""
    message, inner = EmailMessage(), EmailMessage()
    message["Subject"] = "受托业绩"
    message.set_content("见附件")
    inner.set_content("old")
    inner.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="2024-01_受托业绩.xlsx")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    message.add_attachment(inner)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(message.as_bytes())
    return path


def found(folder: Path, domain: Domain, limits: Limits | None = None) -> Discovered:
    """What discovery finds of any month."""
    return discover(folder, domain.config, RULES, Wish(9), limits)


def test_members_are_found_with_their_container(tmp_path: Path, domain: Domain) -> None:
    zipped(
        tmp_path / "in" / "业绩.zip",
        (GbkInfo("十一月/" + NAME), b"a"),
        ("2024-10_受托业绩.xls", b"bc"),
        ("x.txt", b"d"),
    )
    mailed(tmp_path / "mail.eml", ("2024-09_受托业绩.xlsx", b"e"))
    result = found(tmp_path, domain)
    assert [(source.data_source, source.size) for source in result.files] == [
        ("mail.eml!/2024-09_受托业绩.xlsx", 1),
        ("in/业绩.zip!/2024-10_受托业绩.xls", 2),
        ("in/业绩.zip!/十一月/2024-11_受托业绩.xlsx", 1),
    ]
    assert [item.path for item in result.passed_over] == ["in/业绩.zip!/x.txt"]
    named = named_files([tmp_path / "in" / "业绩.zip"], tmp_path, domain.config)
    assert [source.data_source for source in named.files] == [item.data_source for item in result.files[1:]]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../" + NAME, "leads out of its container"),
        ("/" + NAME, "leads out of its container"),
        ("c:" + NAME, "leads out of its container"),
        ("2024-11_受托业绩.zip", "a container in a container is not opened"),
    ],
)
def test_members_that_are_left(tmp_path: Path, domain: Domain, name: str, reason: str) -> None:
    zipped(tmp_path / "a.zip", (name, b"x"))
    with pytest.raises(NoFilesFound) as caught:
        found(tmp_path, domain)
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(parts=1), "more than limits.parts 1"),
        (Limits(unpacked_mb=1), "more than limits.unpacked_mb 1"),
        (Limits(ratio_from_mb=1, ratio=10), "times its size, more than limits.ratio 10"),
    ],
)
def test_the_limits_hold_for_the_whole(tmp_path: Path, domain: Domain, limits: Limits, reason: str) -> None:
    zipped(tmp_path / "a.zip", (NAME, bytes(2**20)), ("2024-10_受托业绩.xlsx", bytes(2**20)))
    with pytest.raises(NoFilesFound, match=reason):
        found(tmp_path, domain, limits)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no archive"])
def test_a_broken_container_says_so(tmp_path: Path, domain: Domain, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(NoFilesFound, match=r"a\.zip: it cannot be opened"):
        found(tmp_path, domain)


def test_a_member_that_is_larger_than_it_says_is_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", (NAME, b"a" * 1000))
    data = path.read_bytes().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    assert contents_of(path, Limits()).members[0].size == 10
    with pytest.raises(ValueError, match="container"):
        member_bytes(data, ".zip", 0)


def test_a_workbook_in_a_container_loads_as_one_outside(
    checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    book = write_workbook([ROW, (*ROW[:2], "P2", "C1", "x", 1, 1)], name=NAME).read_bytes()
    data = checkout.root / "data"
    zipped(data / "a.zip", (GbkInfo(NAME), book))
    mailed(data / "b.eml", ("2024-10_受托业绩.et", write_workbook([(2024, 10, *ROW[2:])], name="x.xlsx").read_bytes()))
    done = checkout.run("--max-files", "2", "--plan-dir", tmp_path / "plan")
    assert done.returncode == ExitCode.OK, done.stderr
    assert [row[8] for row in plan_of(tmp_path / "plan")] == ["b.eml!/2024-10_受托业绩.et", f"a.zip!/{NAME}"]
    files = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))["files"]
    assert [file["location"].rpartition("!/")[2] for file in files] == ["2024-10_受托业绩.et", NAME]
    zipped(data / "a.zip", (GbkInfo(NAME), book + b"\0"))
    done = checkout.run("apply", tmp_path / "plan")
    assert done.returncode == ExitCode.DATA
    assert f"a.zip!/{NAME} has SHA-256" in " ".join(done.stderr.split())


def test_a_file_that_is_still_growing_is_left(
    checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook, domain: Domain
) -> None:
    path = write_workbook([ROW], name=NAME)
    (source,) = found(tmp_path, domain).files
    assert not has_grown(source, patient=False)
    with path.open("ab") as file:
        file.write(b"more")
    assert has_grown(source, patient=False)
    shutil.copy(path, tmp_path / "other.xlsx")
    (tmp_path / "other.xlsx").replace(path)  # another file is no growing one
    with path.open("ab") as file:
        file.write(b"more")
    assert not has_grown(source, patient=False)


def test_a_run_leaves_what_is_growing_and_takes_the_rest(
    checkout: Checkout, tmp_path: Path, write_workbook: WriteWorkbook
) -> None:
    import threading

    data = checkout.root / "data"
    write_workbook([(2024, 10, *ROW[2:])], name="2024-10_受托业绩.xlsx", folder=data)
    whole = write_workbook([ROW], name=NAME).read_bytes()
    (data / NAME).write_bytes(whole[:100])
    running = checkout.start("--max-files", "2", "--plan-dir", tmp_path / "plan")
    stop = threading.Event()

    def copy() -> None:
        with (data / NAME).open("ab", buffering=0) as file:
            for byte in whole[100:]:
                file.write(bytes([byte]))
                if stop.wait(0.02):
                    return

    writer = threading.Thread(target=copy)
    writer.start()
    try:
        stdout, stderr = running.communicate(timeout=120)
    finally:
        stop.set()
        writer.join()
    assert running.wait() == ExitCode.OK, stderr
    assert f"passed over: {NAME}: it is still growing: left for the next run" in " ".join(stdout.split())
    assert len(plan_of(tmp_path / "plan")) == 1
