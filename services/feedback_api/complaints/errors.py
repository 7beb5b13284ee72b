"""The named problems of complaints."""

from __future__ import annotations

from shared.problems import BrokenRule


class ComplaintReferenceInUse(BrokenRule):
    """A complaint of this reference exists that this caller may not change. Check the reference, or ask the
    complaints manager to correct it.
    """

    slug, title = "complaint-reference-in-use", "The reference belongs to a complaint this caller may not change"


class StageOutOfOrder(BrokenRule):
    """The stages of a procedure follow each other. End the stage that is open, take the next one the procedure
    names, or say in `accepted_because` why an earlier one was left out.
    """

    slug, title = "stage-out-of-order", "This stage cannot follow the stages the complaint has been through"


class StageAskedForTooLate(BrokenRule):
    """The next stage may be asked for only within so many working days of the end of the last. Say in
    `accepted_because` why it is taken up all the same.
    """

    slug, title = "stage-asked-for-too-late", "The time for asking for this stage is over"


class StageNotOpen(BrokenRule):
    """Only the open stage can be extended or ended. Read the complaint to see which that is."""

    slug, title = "stage-not-open", "This stage is not open"


class OutcomeNeeded(BrokenRule):
    """A stage after which nothing follows by itself ends with an outcome. Give one."""

    slug, title = "outcome-needed", "This stage ends with an outcome"


class OutcomeNotOfProcedure(BrokenRule):
    """Each procedure names the outcomes it knows. Use one of them."""

    slug, title = "outcome-not-of-procedure", "The procedure does not know this outcome"


class ExtensionBeyondLimit(BrokenRule):
    """A stage can be extended only up to its extended limit, where it has one. Ask for fewer days."""

    slug, title = "extension-beyond-limit", "The stage cannot be extended that far"


class ExtensionTooLate(BrokenRule):
    """An extension is given before the day the stage is due; afterwards the complaint is overdue and stays so."""

    slug, title = "extension-too-late", "The stage was due before this extension was given"


class AlreadySetAside(BrokenRule):
    """A complaint is set aside once at a time. Resume it first, or give days that no other interval holds."""

    slug, title = "already-set-aside", "The complaint is set aside on some of these days already"


class NotSetAside(BrokenRule):
    """Only a complaint that is set aside can be resumed. Read it to see where it stands."""

    slug, title = "not-set-aside", "The complaint is not set aside"


class ComplaintRefused(BrokenRule):
    """A complaint that was declined has no stages. Correct its eligibility or consent first."""

    slug, title = "complaint-refused", "The complaint was not taken up"


class NotABankHoliday(BrokenRule):
    """Only a bank holiday from Monday to Friday can become a day of work. Check the date."""

    slug, title = "not-a-bank-holiday", "This day is worked already"


class NotAWorkingDay(BrokenRule):
    """Only a day on which work would be done can become a day off. Check the date."""

    slug, title = "not-a-working-day", "This day is a day off already"
