"""The problems of audits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.problems import BrokenRule, Forbidden, Malformed


class AnswersDoNotFit(Malformed):
    """The answers are held to the edition of the tool stored with the audit: read its form and correct each fault."""

    slug, title = "answers-do-not-fit-tool", "Some answers do not fit the audit's tool"


class GradeOffScale(AnswersDoNotFit):
    """A grade must be one of the tool's scale: read the scale in the tool and send one of its codes."""

    slug, title = "grade-off-scale", "A grade is not on the tool's scale"


class QuestionUnknown(AnswersDoNotFit):
    """The tool asks no such question: read the tool's form for the codes of its questions."""

    slug, title = "question-unknown", "The tool does not ask such a question"


class QuestionOfAnotherVersion(AnswersDoNotFit):
    """An audit keeps the edition it was begun with: answer that edition's questions, or begin a new audit."""

    slug, title = "question-of-another-version", "A question belongs to another edition of the tool"


class AuditNotReady(BrokenRule):
    """An audit is submitted whole: answer each question, view and finding that the errors name."""

    slug, title = "audit-not-ready", "The audit cannot be submitted as it stands"


class AuditNotOpen(BrokenRule):
    """Only an audit that is allocated or in progress can be changed: read it to see where it stands."""

    slug, title = "audit-not-open", "The audit is no longer open for answers"


class RepeatNotEarlier(BrokenRule):
    """A repeat follows what it repeats: name a finding of another audit that was submitted before."""

    slug, title = "repeat-not-earlier", "A finding cannot repeat that one"


class FindingInUse(BrokenRule):
    """An action, learning or a later finding rests on it: send the finding with its id, changed if need be."""

    slug, title = "finding-in-use", "A finding that something rests on cannot be taken away"


class AuditNotClosable(BrokenRule):
    """An audit closes from submitted or moderated: bring it there first, or wait until its moderation has ended."""

    slug, title = "audit-not-closable", "The audit cannot be closed from where it stands"


class AuditClosed(BrokenRule):
    """It was closed before, perhaps a moment ago: read it, or re-open it if something must be corrected."""

    slug, title = "audit-closed", "The audit is closed already"


class LearningNeeded(BrokenRule):
    """The cycle ends with learning passed on: link a learning item to the audit and disseminate it, then close."""

    slug, title = "learning-needed", "Nothing learned from the audit has been passed on"


class AuditNotReopenable(BrokenRule):
    """Only a submitted, moderated or closed audit is opened again: read it to see where it stands."""

    slug, title = "audit-not-reopenable", "The audit cannot be opened again from where it stands"


class AuditNotWithdrawable(BrokenRule):
    """What was submitted stands in published figures: re-open it and correct it; only what never was is withdrawn."""

    slug, title = "audit-not-withdrawable", "The audit cannot be withdrawn"


class ViewSettled(BrokenRule):
    """After submission a late view goes beside the reason why there was none: re-open the audit to correct another."""

    slug, title = "view-settled", "This view cannot be changed after submission"


class OwnAudit(Forbidden):
    """Nobody decides on an audit of the own team: ask somebody of another unit who manages audits."""

    slug, title = "own-audit", "The audit is of the caller's own team"


class NotTheAuditor(Forbidden):
    """An audit is answered by the auditor it is allocated to: ask that auditor, or one who manages audits."""

    slug, title = "not-the-auditor", "The audit is allocated to another auditor"


class AuditsRefused(Malformed):
    """Correct the rows named in `errors` and send the batch again, or use `mode=partial` to store the good ones; in
    atomic mode nothing was stored."""

    slug, title = "audits-refused", "Some audits cannot be stored, so none was"

    def __init__(self, detail: str, rows: Sequence[dict[str, Any]], rejected: int) -> None:
        super().__init__(detail, rejected=rejected)
        # Each fault as everywhere, with its row and its problem besides.
        self.extra["errors"] = list(rows)
