"""What a report is refused for on its way to its board; none of these can be overridden."""

from __future__ import annotations

from shared.problems import BrokenRule, Malformed


class WrongStatus(BrokenRule):
    """Look at `allowed_actions` of the report; the step does not fit how it stands."""

    slug, title = "report-in-another-state", "The report does not stand at this step"


class LeftTheSchedule(BrokenRule):
    """The framework no longer has this report, or has it otherwise; its draft stays. Apply one that has it to go on."""

    slug, title = "report-left-the-schedule", "The report left the schedule before it was due"


class ClosingQuestionsOpen(BrokenRule):
    """Answer `doing_the_right_things` and `making_a_difference` with PATCH before submitting (R09)."""

    slug, title = "closing-questions-open", "The two closing questions are not answered"


class ParticipationMissing(BrokenRule):
    """Record in the feedback service who took part and assemble the report again, or say it with PATCH: how children
    and families took part, or truthfully that none did, why, and what follows (R11).
    """

    slug, title = "participation-statement-missing", "This board needs a participation statement"


class ParticipationNotOnRecord(BrokenRule):
    """Record in the feedback service what took place, assemble the report again, and say with PATCH only what the
    records show: who took part, or truthfully that nobody did (R11).
    """

    slug, title = "participation-not-on-record", "The statement is not what the records say"


class LearningMissing(BrokenRule):
    """Write with PATCH what was learned and what it changed, in each section named in `errors` (R60, R83)."""

    slug, title = "learning-missing", "What was learned is not written"


class TooManyKeyActions(BrokenRule):
    """Keep the key actions few: no more than the report's definition allows (R44)."""

    slug, title = "too-many-key-actions", "There are more key actions than this report may have"


class KeyActionsMissing(BrokenRule):
    """Give at least one key action, each with the evidence it rests on (R44)."""

    slug, title = "key-actions-missing", "The key actions are missing or lack evidence"


class SectionsUnwritten(BrokenRule):
    """Write the narrative of each section named in `errors` with PATCH."""

    slug, title = "sections-unwritten", "A section that must be written is empty"


class ValueForMoneyMissing(BrokenRule):
    """Write the narrative of the value-for-money section, or give it an indicator that has a figure."""

    slug, title = "value-for-money-missing", "The value-for-money section is empty"


class StrengthsMissing(BrokenRule):
    """Record the strengths the audits found, or say in the section's narrative why there are none (R28)."""

    slug, title = "strengths-missing", "Audit findings are reported without strengths"


class HeadOfServiceSignOffMissing(BrokenRule):
    """A Head of Service other than the submitter signs exactly this content first (R81)."""

    slug, title = "head-of-service-sign-off-missing", "A Head of Service has not signed this content"


class NotYourTurn(BrokenRule):
    """Signatures are given in the order of the chain; `next_signature` names the role that is next."""

    slug, title = "not-the-next-signature", "Another role signs next"


class SubmitterMayNotSign(BrokenRule):
    """Somebody signs who neither wrote a text of it, nor submitted it, nor signed it before; the same holds for the
    person on whose behalf it would be signed.
    """

    slug, title = "segregation-of-duties", "The same person may not write or submit and sign, or sign twice"


class NotTheSubmitter(BrokenRule):
    """Whoever submitted it withdraws it; a signatory sends it back."""

    slug, title = "not-the-submitter", "Only the submitter withdraws a report"


class ContentChanged(BrokenRule):
    """Read the report again and sign the content hash it has now."""

    slug, title = "signed-content-differs", "The content hash is not that of the report as it stands"


class RoleNotHeld(BrokenRule):
    """Sign in a role that your token carries, or that was delegated to you for today; see `GET /v1/delegations`."""

    slug, title = "role-not-held", "The caller does not hold the role in which to sign"


class ToldMeanwhile(BrokenRule):
    """Reopen the report and assemble it again: beside what another report told since it was assembled, numbers of this
    one would give a small one away. The new draft hides them, and is signed as it then stands.
    """

    slug, title = "told-meanwhile", "Another report has told numbers that do not go together with these"


class AlreadySuperseding(BrokenRule):
    """Finish or use the open edition that supersedes this one."""

    slug, title = "edition-open", "Another edition of this report is already open"


class BoardsChanged(BrokenRule):
    """Assemble the report again, and reopen it first where it was submitted: the boards it goes to, or what one of
    them may see, changed since. The new draft is for those it is owed to now.
    """

    slug, title = "boards-changed", "The report was assembled for other boards"


class UnknownSection(Malformed):
    """Use the codes of the report's own sections."""

    slug, title = "unknown-section", "The report has no such section"
