"""Small files of each kind, made for the tests."""

from __future__ import annotations

import zipfile
from io import BytesIO

from services.audit_api.attachments.contents import DOCX, XLSX

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
TEXT = "Chronology read up to 14 September: zwölf entries.\n".encode()


def office(*parts: str) -> bytes:
    """A ZIP archive with these parts."""
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for part in parts:
            archive.writestr(part, "<x/>")
    return held.getvalue()


WORD = office("[Content_Types].xml", "word/document.xml")
SHEET = office("[Content_Types].xml", "xl/workbook.xml")
GOOD = {
    "application/pdf": PDF,
    "image/png": PNG,
    "image/jpeg": JPEG,
    DOCX: WORD,
    XLSX: SHEET,
    "text/plain": TEXT,
}
