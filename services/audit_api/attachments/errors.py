"""The problems of evidence attached to audits."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden, UnsupportedMedia


class FileNotTaken(UnsupportedMedia):
    """A file is judged by what it holds, not by its name: send a PDF, PNG, JPEG, DOCX or XLSX without macros, or plain
    text in UTF-8, under its own media type or as application/octet-stream."""

    slug, title = "file-not-taken", "The file is not of a kind taken as evidence"


class NotToAttach(Forbidden):
    """Evidence is attached by the audit's auditor: ask that auditor, or one who manages audits."""

    slug, title = "not-to-attach", "The audit is another auditor's"


class NotToRemove(Forbidden):
    """Nobody removes evidence about the own team: ask somebody of another unit who manages audits."""

    slug, title = "not-to-remove", "The evidence is about the caller's own team"


class AuditWithdrawn(BrokenRule):
    """A withdrawn audit takes no evidence: attach it to the audit that took its place."""

    slug, title = "audit-withdrawn", "The audit was withdrawn"


class AttachmentRemoved(BrokenRule):
    """It was removed before; the list says by whom and why. Its content is gone."""

    slug, title = "attachment-removed", "The attachment was removed"


class NoFile(BrokenRule):
    """It is a reference: look for it where `kind` and `ref` say."""

    slug, title = "no-file", "The attachment has no content here"
