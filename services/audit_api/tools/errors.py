"""The problems of tools."""

from __future__ import annotations

from shared.problems import BrokenRule


class PublishedToolChanged(BrokenRule):
    """A published edition never changes, since audits were made with it: give the new wording a new version."""

    slug, title = "published-tool-changed", "This edition of the tool is published and cannot change"


class ToolVersionNotNewer(BrokenRule):
    """Editions follow each other: give the tool a version above every one published before."""

    slug, title = "tool-version-not-newer", "A later edition of the tool is already published"
