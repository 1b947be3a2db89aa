"""What a file really is, by its content, whatever its name says; and the password that opens a protected one."""

import io
import re
import zipfile
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zlib import error as ZlibError  # noqa: N812  # the module spells it in lower case

from extract.errors.workbook import NotAWorkbook, WorkbookProtected, WorkbookUnreadable
from extract.wording import Sentence
from extract.workbook.encodings import unmarked_utf16
from extract.workbook.package import Package

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = (
    (b"%PDF", Sentence("a PDF document")),
    (b"\x89PNG", Sentence("a picture (PNG)")),
    (b"\xff\xd8\xff", Sentence("a picture (JPEG)")),
    (b"GIF8", Sentence("a picture (GIF)")),
    (b"Rar!", Sentence("a RAR archive")),
    (b"7z\xbc\xaf", Sentence("a 7z archive")),
    (b"\x1f\x8b", Sentence("a gzip archive")),
    (b"{\\rtf", Sentence("an RTF document")),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|meta|table|style|\?xml|\w+:)", re.IGNORECASE)
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f]")


class Format(StrEnum):
    """Kinds of files that hold tables."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"


def is_archive(data: bytes) -> bool:
    """Whether a file is a ZIP archive, as most workbooks are."""
    return data.startswith(_ZIP)


def recognise(data: bytes, file: str) -> Format:
    """The format of a file by its content. Raises NotAWorkbook where it is something else."""
    if is_archive(data):
        return _archive_format(data, file)
    if data.startswith(_OLE) or data[:4] in (b"\x09\x08\x10\x00", b"\x09\x04\x06\x00", b"\x09\x02\x06\x00"):
        return Format.XLS
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise NotAWorkbook(file=file, what=what)
    unmarked = data.removeprefix(b"\xef\xbb\xbf").rstrip(b"\x1a")  # with which programs of DOS end a text
    if _MARKUP.match(unmarked):
        raise NotAWorkbook(
            file=file, what=Sentence("an HTML or XML page, as some systems export under the name of a workbook")
        )
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) or unmarked_utf16(data) is not None
    if utf16 or (unmarked.strip() and not _BINARY.search(unmarked[:65536])):
        if utf16 or Path(file).suffix.lower() in _TEXT_SUFFIXES or re.search(rb"[,;|\t]", data[:4096]):
            return Format.TEXT
        raise NotAWorkbook(file=file, what=Sentence("a text without any table"))
    raise NotAWorkbook(file=file, what=Sentence("no workbook that this program knows") if data else Sentence("empty"))


def _archive_format(data: bytes, file: str) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            folded = {name.lower().replace("\\", "/") for name in names}
            if any(name.startswith("word/") for name in folded):
                raise NotAWorkbook(file=file, what=Sentence("a Word document"))
            if any(name.startswith("xl/") for name in folded) or "_rels/.rels" in folded:
                return Format.XLSB if Package(data).main.lower().endswith(".bin") else Format.XLSX
            if "mimetype" in names and "content.xml" in names:
                return Format.ODS
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, ParseError, ZlibError) as error:
        raise WorkbookUnreadable(
            file=file, problem=Sentence("its archive is broken or cut off ({error})", error=str(error))
        ) from None
    raise NotAWorkbook(file=file, what=Sentence("a ZIP archive without a workbook"))


def is_protected(data: bytes) -> bool:
    """Whether an Office file needs a password: an encrypted package, or an encrypted xls."""
    if (
        "EncryptedPackage".encode("utf-16-le") in data[: 2**20]
        or "EncryptedPackage".encode("utf-16-le") in data[-(2**20) :]
    ):
        return True
    import msoffcrypto

    try:
        return bool(msoffcrypto.OfficeFile(io.BytesIO(data)).is_encrypted())
    except Exception:  # noqa: BLE001  # of a file it does not know it cannot tell; calamine will say what is wrong
        return False


def unlock(data: bytes, file: str, password: str | None) -> bytes:
    """The bytes of a protected workbook without its protection. Raises WorkbookProtected."""
    for attempt in (_BY_ITSELF, password):
        opened = _decrypted(data, attempt) if attempt is not None else None
        if opened is not None:
            return opened
    problem = "the password given does not open it" if password else "it is protected by a password, and none is given"
    raise WorkbookProtected(file=file, problem=problem)


_BY_ITSELF = "VelvetSweatshop"
"""The password that Excel enters by itself (MS-OFFCRYPTO 2.3.6.2): such a workbook opens without a question."""


def _decrypted(data: bytes, password: str) -> bytes | None:
    """The bytes without protection; None where the password does not open them."""
    import msoffcrypto

    opened = io.BytesIO()
    if _turns_of_the_key(data) > _MOST_TURNS:
        return None
    try:
        office = msoffcrypto.OfficeFile(io.BytesIO(data))
        office.load_key(password=password)
        office.decrypt(opened)
    except Exception:  # noqa: BLE001  # the library raises many kinds, and a wrong key may look like broken data
        return None
    content = opened.getvalue()
    return content if content.startswith((*_ZIP, _OLE)) else None


_TURNS = re.compile(rb'spinCount="([0-9]+)"')
_MOST_TURNS = 2_000_000
"""How often a password may be hashed to a key; Office does so 100,000 times, and a file may ask for days of it."""


def _turns_of_the_key(data: bytes) -> int:
    """How often a protected package has its password hashed (MS-OFFCRYPTO 2.3.4.10); 0 where it does not say."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            description = container.openstream("EncryptionInfo").read()
    except (OSError, ValueError, IndexError, TypeError):
        return 0
    return max(map(int, _TURNS.findall(description)), default=0)


def password_for(file: str, passwords: dict[str, str], default: str | None) -> str | None:
    """The password of a file: that of the first pattern in the passwords file that fits its name, else the default."""
    name = file.rsplit("/", 1)[-1]
    return next((password for pattern, password in passwords.items() if fnmatch(name, pattern)), default)
