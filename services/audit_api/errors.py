"""The problems that beginning an audit meets, wherever it is begun."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class AuditorNotIndependent(BrokenRule):
    """Nobody audits the own team: allocate the audit to an auditor of another unit."""

    slug, title = "auditor-not-independent", "The auditor belongs to the audited team"


class OwnCase(BrokenRule):
    """Nobody audits the own case: allocate the audit to somebody who has not worked on it."""

    slug, title = "own-case", "The auditor works on this case or supervises it"


class SlotTaken(BrokenRule):
    """A slot takes one audit: read the slot for the audit that stands there."""

    slug, title = "slot-taken", "There is an audit in this slot already"


class SlotVoid(BrokenRule):
    """A void slot takes no audit: read the slot for the reason, or record the audit without a slot."""

    slug, title = "slot-void", "The slot was left out of the round"


class ToolNotInUse(BrokenRule):
    """New audits are begun with the edition in use: read the tool for its current version and leave the old one."""

    slug, title = "tool-not-in-use", "This edition of the tool starts no new audits"


class ToolOfOtherType(BrokenRule):
    """A tool says which types of audit it is for: choose another type or another tool."""

    slug, title = "tool-of-other-type", "The tool is not for this type of audit"


class TriggerNeeded(BrokenRule):
    """A thematic audit says what set it off, and a review names its reference: give trigger (and trigger_reference)."""

    slug, title = "trigger-needed", "A thematic audit needs its trigger"


class AuditKnown(BrokenRule):
    """Another system's audit is stored once: read the audit that has this source_ref, or send its own."""

    slug, title = "audit-known", "An audit with this source_ref is stored already"


class DetailOfTypeNeeded(Malformed):
    """An observation says its setting and a dip sample what is sampled, and no other type does: correct the field."""

    slug, title = "detail-of-type-needed", "A field does not fit the type of audit"
