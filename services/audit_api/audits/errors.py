"""The problems of audits."""

from __future__ import annotations

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


class NotTheAuditor(Forbidden):
    """An audit is answered by the auditor it is allocated to: ask that auditor, or one who manages audits."""

    slug, title = "not-the-auditor", "The audit is allocated to another auditor"
