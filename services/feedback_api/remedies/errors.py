"""The named problems of remedies."""

from __future__ import annotations

from shared.problems import BrokenRule


class EnquiryReferenceInUse(BrokenRule):
    """The ombudsman's reference stands once. Change the enquiry that has it, or check the reference."""

    slug, title = "enquiry-reference-in-use", "An enquiry of this reference is recorded already"


class MergedElsewhere(BrokenRule):
    """What follows a complaint is recorded under the one it was merged into. Read the reference to be led there."""

    slug, title = "merged-elsewhere", "The reference was merged into another complaint"
