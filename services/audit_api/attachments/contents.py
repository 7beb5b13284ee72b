"""What a file is, by its content, and the name it may safely go by."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from io import BytesIO

from services.audit_api.attachments.errors import FileNotTaken
from shared.problems import Fault

_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
# By media type, the endings a name may keep; the first is added where it has none of them.
ENDINGS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    "text/plain": (".txt",),
}
ANY = "application/octet-stream"
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_UNPACKED = 500_000_000
_LONGEST = 100
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UNSAFE = re.compile(r'[<>:"|?*;%\'`$&#]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be kept."""

    name: str
    media_type: str
    content: bytes


def examine(content: bytes, declared: str, name: str) -> Upload:
    """The file as it may be kept; raises FileNotTaken where its content is not of a kind taken, or not as declared."""
    found = _media_type(content)
    if found is None:
        raise _refusal("unknown_content", "this is not a PDF, PNG, JPEG, DOCX, XLSX or plain text in UTF-8")
    if declared not in (found, ANY):
        raise _refusal("other_than_declared", "the content is not what Content-Type says")
    return Upload(safe_name(name, found), found, content)


def _refusal(code: str, detail: str) -> FileNotTaken:
    return FileNotTaken("See errors.", errors=[Fault("", code, detail)])


def _media_type(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return "application/pdf" if b"%%EOF" in content[-2048:] else None
    if content.startswith(_PNG):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return "text/plain" if _is_text(content) else None


def _office(content: bytes) -> str | None:
    """Which office file a ZIP archive is; its parts are listed, none is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _refusal("macros", "the file holds macros")
    if sum(part.file_size for part in parts) > _UNPACKED or "[Content_Types].xml" not in names:
        return None
    if "word/document.xml" in names:
        return DOCX
    return XLSX if "xl/workbook.xml" in names else None


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and not _CONTROLS.search(text)


def safe_name(given: str, media_type: str) -> str:
    """The name without folders, control and direction marks or what a shell or a browser would take for its own, with
    an ending that says what the content is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    shown = "".join(one for one in last if not unicodedata.category(one).startswith(("C", "Z")) or one == " ")
    plain = _UNSAFE.sub("_", " ".join(shown.split())).strip(" .")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    endings = ENDINGS[media_type]
    ending = next((one for one in endings if plain.lower().endswith(one)), None)
    stem = (plain if ending is None else plain[: -len(ending)])[:_LONGEST].rstrip(" .") or "evidence"
    return stem + (ending or endings[0])
