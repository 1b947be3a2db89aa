"""Workbooks changed at random where their structure is: entries of archives, events of XML, records of BIFF and xlsb.

`mutated(kind, seed)` gives the bytes of one; the same seed gives the same bytes.
"""

import io
import re
import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from random import Random

import olefile
import openpyxl

import writers
from conftest import HEADER
from hostile import good

KINDS = ("xlsx", "ods", "xlsb", "xls", "csv")
Record = tuple[int, bytes]
_NASTY = (
    "",
    "0",
    "-1",
    "1",
    "2",
    "255",
    "65535",
    "65536",
    "1048576",
    "1048577",
    "2147483647",
    "2147483648",
    "4294967295",
    "999999999",
    "9" * 40,
    "1e308",
    "1e999",
    "-0",
    "nan",
    "inf",
    "0x10",
    "1_0",
    "true",
    "A1",
    "XFD1048576",
    "ZZZ9999999",
    "A0",
    "#REF!",
    "#SPILL!",
    "x" * 5000,
    "()" * 500,
    "1" * 5000,
    "\u0327\u0301" * 500,
    "\ufdfa" * 200,
    "\u202e",
    "\ufffe",
    "e",
    "s",
    "inlineStr",
    "../../x",
    "/",
    "\\",
    "%",
    "0.00%",
    "[" * 300,
    '"',
    "&",
    "<",
    "2024-11-30",
    "P1",
    "合计",
)
_TOKENS = re.compile(rb"<!--.*?-->|<[^<>]*>|[^<]+|<", re.DOTALL)
_ATTRIBUTE = re.compile(rb'([\w:.-]+)="([^"]*)"')
_INSERTED = (
    b"<!-- -->",
    b"<![CDATA[7]]>",
    b"<?x y?>",
    b"<!DOCTYPE x>",
    b'<!DOCTYPE x [<!ENTITY a "b">]>',
    b"&a;",
    b"&#0;",
    b"&#x41;",
    b"<v>7</v>",
    b'<c r="A1"><v>1</v></c>',
    b'<row r="1">',
    b"</row>",
    b"<f>1</f>",
    b"\0",
    b"\xff\xfe",
    b"<x:v xmlns:x='u'>7</x:v>",
)


@lru_cache
def originals(kind: str) -> tuple[bytes, ...]:
    """Honest workbooks of a kind, with what workbooks have: texts, formats, errors, formulas, merges, totals."""
    rows = [HEADER, *good(4), (2024, 11, "P9", "C1", "5%", "#N/A", 1000), ("合计", None, None, None, None, 1, 2)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{kind}"
        names = [name for name, (suffix, _) in writers.WRITERS.items() if suffix == kind]
        found = []
        for name in names:
            writers.WRITERS[name][1](rows, path)
            found.append(path.read_bytes())
        if kind == "xlsx":
            book = openpyxl.load_workbook(path)
            sheet = book.active
            sheet["E2"].number_format, sheet["G3"].number_format = "0.00%", '#,##0.00"万元"'
            sheet["F4"] = "=1+1"
            sheet.merge_cells("D2:D4")
            book.create_sheet("另").append(["注：x"])
            book.save(path)
            found.append(path.read_bytes())
    return tuple(found)


def mutated(kind: str, seed: int) -> bytes:
    """An honest workbook with one to four changes."""
    random = Random(f"{kind} {seed}")
    data = random.choice(originals(kind))
    for _ in range(random.choice((1, 1, 2, 4))):
        data = _MUTATE[kind](data, random)
    return data


def _in_bytes(data: bytes, random: Random) -> bytes:
    """Bytes changed, cut out, cut off, or repeated."""
    if not data:
        return b"\0"
    start = random.randrange(len(data))
    length = random.choice((1, 1, 4, 16, 300))
    return random.choice((
        lambda: data[:start] + random.randbytes(length) + data[start + length :],
        lambda: data[:start] + bytes([data[start] ^ 1 << random.randrange(8)]) + data[start + 1 :],
        lambda: data[:start] + data[start + length :],
        lambda: data[:start],
        lambda: data[: start + length] + data[start:],
    ))()  # fmt: skip


def _in_list(items: list[object], random: Random) -> None:
    """Take an item out, or put it in again, elsewhere or many times."""
    if not items:
        return
    first, second = random.randrange(len(items)), random.randrange(len(items))
    choice = random.randrange(4)
    if choice == 0:
        del items[first]
    elif choice == 1:
        items.insert(second, items[first])
    elif choice == 2:
        items[first], items[second] = items[second], items[first]
    else:
        items[first:first] = [items[first]] * random.choice((2, 50, 2000))


def _in_xml(part: bytes, random: Random) -> bytes:
    """Events and attributes of a part changed."""
    tokens: list[object] = list(_TOKENS.findall(part))
    if not tokens or random.random() < 0.1:
        return _in_bytes(part, random)
    index = random.randrange(len(tokens))
    token = tokens[index]
    assert isinstance(token, bytes)
    nasty = random.choice(_NASTY).encode()
    attributes = list(_ATTRIBUTE.finditer(token))
    if attributes and random.random() < 0.5:
        one = random.choice(attributes)
        change = random.choice((b"", nasty, one[2] * 2, one[2][:-1]))
        changed = random.choice(
            (one[1] + b'="' + change + b'"', b"", one[0] + b" " + one[0], one[0].replace(b'"', b"'"))
        )
        tokens[index] = token[: one.start()] + changed + token[one.end() :]
    elif not token.startswith(b"<") and random.random() < 0.5:
        tokens[index] = nasty
    elif random.random() < 0.3:
        tokens.insert(index, random.choice(_INSERTED))
    else:
        _in_list(tokens, random)
    return b"".join(token for token in tokens if isinstance(token, bytes))


def _in_archive(data: bytes, random: Random, in_part: Callable[[str, bytes, Random], bytes]) -> bytes:
    """Entries of an archive, or a part of it, changed."""
    if random.random() < 0.1:
        return _in_bytes(data, random)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries: list[object] = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # noqa: BLE001  # an earlier change has broken it
        return _in_bytes(data, random)
    if random.random() < 0.15:
        _in_list(entries, random)
        del entries[3000:]
    elif entries:
        index = random.randrange(len(entries))
        name, content = entries[index]  # type: ignore[misc]
        if random.random() < 0.1:
            name = random.choice((name.upper(), "../" + name, name.replace("/", "\\"), "xl/" + name, ""))
        else:
            content = in_part(name, content, random)
        entries[index] = name, content
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for name, content in entries:  # type: ignore[misc]
            archive.writestr(name or "x", content)
    written = target.getvalue()
    if random.random() < 0.1:  # sizes and checksums that lie
        place = written.rfind(b"PK\x01\x02") + random.choice((16, 20, 24, 42))
        written = written[:place] + struct.pack("<I", random.choice((0, 1, 2**31, 2**32 - 1))) + written[place + 4 :]
    return written


def _in_records(records: list[Record], random: Random) -> None:
    """Records left out, repeated, changed."""
    if not records:
        return
    index = random.randrange(len(records))
    kind, content = records[index]
    choice = random.randrange(6)
    if choice == 0:
        _in_list(records, random)  # type: ignore[arg-type]
    elif choice == 1:
        records[index] = random.choice(records)[0], content
    elif choice == 2 and len(content) >= 4:
        place = random.randrange(len(content) - 3)
        number = random.choice((0, 1, 0xFFFF, 0xFFFFFFFF, 2**20, 2**31, 2**14, random.randrange(2**32)))
        records[index] = kind, content[:place] + struct.pack("<I", number) + content[place + 4 :]
    elif choice == 3:
        records[index] = kind, _in_bytes(content, random)
    elif choice == 4:
        records[index] = random.randrange(2**12), content
    else:
        records[index] = kind, content + random.randbytes(random.choice((1, 8, 2000)))


def _in_xlsb_part(name: str, part: bytes, random: Random) -> bytes:
    if not name.endswith(".bin"):
        return _in_xml(part, random)
    records, position = [], 0
    try:
        while position < len(part):
            kind, position = _variable(part, position, 2)
            length, position = _variable(part, position, 4)
            records.append((kind, part[position : position + length]))
            position += length
    except IndexError:
        return _in_bytes(part, random)
    _in_records(records, random)
    return b"".join(writers.xlsb_record(kind & 0x3FFF, content) for kind, content in records)


def _variable(part: bytes, position: int, longest: int) -> tuple[int, int]:
    number = 0
    for index in range(longest):
        byte = part[position]
        position += 1
        number |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            break
    return number, position


def _in_xls(data: bytes, random: Random) -> bytes:
    """Records of the stream of an xls, or the container around it."""
    if random.random() < 0.3:
        return _in_bytes(data, random)
    target = io.BytesIO(data)
    try:
        with olefile.OleFileIO(target, write_mode=True) as container:
            stream = container.openstream("Workbook").read()
            records, position = [], 0
            while position + 4 <= len(stream):
                kind, length = struct.unpack_from("<HH", stream, position)
                records.append((kind, stream[position + 4 : position + 4 + length]))
                position += 4 + length
            _in_records(records, random)
            written = b"".join(struct.pack("<HH", kind, min(len(content), 0xFFFF)) + content[:0xFFFF]
                               for kind, content in records)  # fmt: skip
            container.write_stream("Workbook", written[: len(stream)].ljust(len(stream), b"\0"))
    except Exception:  # noqa: BLE001  # an earlier change has broken it
        return _in_bytes(data, random)
    return target.getvalue()


def _in_csv(data: bytes, random: Random) -> bytes:
    """Cells, lines and the encoding of a csv."""
    if random.random() < 0.2:
        return _in_bytes(data, random)
    lines: list[object] = list(data.split(b"\n"))
    index = random.randrange(len(lines))
    line = lines[index]
    assert isinstance(line, bytes)
    cells = line.split(b",")
    choice = random.randrange(5)
    if choice == 0:
        _in_list(lines, random)
    elif choice == 1:
        cells[random.randrange(len(cells))] = random.choice(_NASTY).encode("utf-8", "replace")
        lines[index] = b",".join(cells)
    elif choice == 2:
        lines[index] = line + random.choice((b",", b'"', b"\0", b",,,,", b"\r", b'="', b"\t", b";"))
    elif choice == 3:
        return data.replace(b",", random.choice((b";", b"\t", b"|", b"")))
    else:
        return data.decode("utf-8", "replace").encode(random.choice(("utf-16", "gb18030", "utf-8-sig")), "replace")
    return b"\n".join(line for line in lines if isinstance(line, bytes))


_MUTATE: dict[str, Callable[[bytes, Random], bytes]] = {
    "xlsx": lambda data, random: _in_archive(data, random, lambda _, part, random: _in_xml(part, random)),
    "ods": lambda data, random: _in_archive(data, random, lambda _, part, random: _in_xml(part, random)),
    "xlsb": lambda data, random: _in_archive(data, random, _in_xlsb_part),
    "xls": _in_xls,
    "csv": _in_csv,
}
