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


class ComplaintMerged(BrokenRule):
    """The reference was merged into another: read it to be led there, or separate the two first."""

    slug, title = "complaint-merged", "The reference was merged into another complaint"


class MergeRefused(BrokenRule):
    """Two references of one complaint are merged into the one received first, so that no day of its clock is lost;
    and only a reference that holds no others is merged. See detail.
    """

    slug, title = "merge-refused", "These two references cannot be merged that way"


class NotMergedHere(BrokenRule):
    """Only a reference that was merged into this complaint is separated from it. See `references`."""

    slug, title = "not-merged-here", "The reference was not merged into this complaint"


class AlreadyRecategorised(BrokenRule):
    """What was recorded has been recategorised already. Read the complaint it became."""

    slug, title = "already-recategorised", "This became a complaint already"


class NotRecategorised(BrokenRule):
    """Only what was recategorised as this complaint is given back. See `became_from`."""

    slug, title = "not-recategorised", "This was not recategorised as the complaint"


class ComplaintClosed(BrokenRule):
    """A closed complaint is not declined or moved afterwards. Open it again first."""

    slug, title = "complaint-closed", "The complaint is closed"


class MatterNotOld(BrokenRule):
    """A complaint is declined for its age only where the matter lies further back than the procedure has to look.
    Give `matter_on`, or another reason.
    """

    slug, title = "matter-not-old", "The matter does not lie far enough back to decline it"


class NoSuchMove(BrokenRule):
    """A complaint moves to the procedure for what its own leaves out, or back to where it came from."""

    slug, title = "no-such-move", "The procedure does not lead there"


class StageMayNotBeSkipped(BrokenRule):
    """The procedure does not let both sides leave this stage out. End it with its outcome."""

    slug, title = "stage-may-not-be-skipped", "This stage is not left out by agreement"


class StageNotOverdue(BrokenRule):
    """The next stage is asked for before this one has ended only once it is past its day."""

    slug, title = "stage-not-overdue", "The open stage is not past its day"


class PersonBarred(BrokenRule):
    """The procedure bars this person from the role; `errors` names the rule. Appoint somebody else."""

    slug, title = "person-barred", "The rules bar this person from the role"


class RoleFilled(BrokenRule):
    """The stage has all the people of this role. Say in `replaces` whom the new one stands in for."""

    slug, title = "role-filled", "The role is filled"


class PersonHasLeft(BrokenRule):
    """Whoever has left cannot leave again or be replaced. Read the complaint to see who serves."""

    slug, title = "person-has-left", "This person no longer serves"


class PutAgainTooLate(BrokenRule):
    """After the end of the proceedings a complaint may be put again for so long only. Say in `resumed_because` why
    it is taken up all the same.
    """

    slug, title = "put-again-too-late", "The time for putting the complaint again is over"
