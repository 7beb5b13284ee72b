"""What can keep a backup from being taken or restored, as a sentence that says what to do."""

from __future__ import annotations


class BackupError(Exception):
    """A backup that cannot be taken or restored; the message says what to do."""
