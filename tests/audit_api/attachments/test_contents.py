"""What a file is, is told by its content; its name is made safe whatever it was."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit_api.attachments.contents import ANY, DOCX, ENDINGS, examine, safe_name
from services.audit_api.attachments.errors import FileNotTaken
from tests.audit_api.attachments.files import GOOD, PDF, PNG, TEXT, WORD, office


@pytest.mark.parametrize("media", list(GOOD))
def test_a_file_is_known_by_its_content(media: str) -> None:
    for declared in (media, ANY):
        assert examine(GOOD[media], declared, "evidence").media_type == media
    other = next(one for one in GOOD if one != media)
    with pytest.raises(FileNotTaken) as refused:
        examine(GOOD[media], other, "evidence")
    assert refused.value.errors[0].code == "other_than_declared"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02",
        b"%PDF-1.7 cut short",
        b"\x89PNG\r\n\x1a\nnothing",
        b"GIF89a\x01\x00",
        b"PK\x03\x04 broken",
        b"text with \x00 in it",
        "text in UTF-16".encode("utf-16"),
        b"caf\xe9",
        office("word/document.xml"),
        office("[Content_Types].xml"),
        office("run.exe"),
        WORD[: len(WORD) // 2],
    ],
)
def test_what_is_of_no_kind_taken_is_refused(content: bytes) -> None:
    with pytest.raises(FileNotTaken) as refused:
        examine(content, ANY, "evidence.pdf")
    assert refused.value.errors[0].code == "unknown_content"


def test_a_file_with_macros_is_refused() -> None:
    content = office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
    with pytest.raises(FileNotTaken) as refused:
        examine(content, ANY, "letter.docx")
    assert refused.value.errors[0].code == "macros"


@pytest.mark.parametrize(
    ("name", "media", "safe"),
    [
        ("notes.txt", "text/plain", "notes.txt"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Temp\\plan.pdf", "application/pdf", "plan.pdf"),
        ("report.pdf.exe", "application/pdf", "report.pdf.exe.pdf"),
        ("photo.JPEG", "image/jpeg", "photo.jpeg"),
        ("photo.jpeg", "image/png", "photo.jpeg.png"),
        ("a\u202efdp.exe", "application/pdf", "afdp.exe.pdf"),
        ('x"; filename="y.exe', "text/plain", "x__ filename=_y.exe.txt"),
        ("a\r\nSet-Cookie: b", "text/plain", "aSet-Cookie_ b.txt"),
        ("...", DOCX, "evidence.docx"),
        ("CON.txt", "text/plain", "_CON.txt"),
        ("Überprüfung  der Akte.txt", "text/plain", "Überprüfung der Akte.txt"),
    ],
)
def test_a_name_is_made_safe(name: str, media: str, safe: str) -> None:
    assert safe_name(name, media) == safe


@given(st.text(max_size=255), st.sampled_from(sorted(ENDINGS)))
def test_every_name_is_short_whole_and_harmless(name: str, media: str) -> None:
    safe = safe_name(name, media)
    assert 5 <= len(safe) <= 106
    assert safe.lower().endswith(ENDINGS[media])
    assert not re.search(r'[\x00-\x1f\x7f/\\<>:"|?*;%\'`$&#\u202a-\u202e\u2066-\u2069]', safe)
    assert not safe.startswith((".", " "))
    assert safe_name(safe, media) == safe


@given(st.binary(max_size=400), st.sampled_from([b"", PDF[:9], PNG[:16], WORD[:60], b"\xff\xd8\xff"]))
def test_whatever_is_sent_is_a_kind_taken_or_refused(content: bytes, begun: bytes) -> None:
    with suppress(FileNotTaken):
        assert examine(begun + content, ANY, "evidence").media_type in ENDINGS


def test_text_that_looks_like_a_page_stays_text() -> None:
    upload = examine(b"<script>alert(1)</script>", ANY, "page.html")
    assert (upload.media_type, upload.name) == ("text/plain", "page.html.txt")
    assert examine(TEXT, "text/plain", "notes.txt").content == TEXT
