"""What contributions refuse."""

from __future__ import annotations

from shared.problems import BrokenRule, Forbidden, Malformed


class ContributionWaived(BrokenRule):
    """It is no longer asked for; `POST /v1/contributions` asks anew if it is wanted after all."""

    slug, title = "contribution-waived", "This contribution is not required"


class ContributionPublished(BrokenRule):
    """The report went to its board with what had come; a correction goes into a new edition of the report."""

    slug, title = "contribution-published", "What was sent has been published"


class NothingReceived(BrokenRule):
    """Only what has come can be sent back; chase the contributor instead."""

    slug, title = "nothing-received", "Nothing has come yet"


class AlreadyReceived(BrokenRule):
    """It has come: there is nothing to chase or to waive. Send it back first if it cannot be used."""

    slug, title = "contribution-received", "The contribution has come"


class WaivedTooLate(BrokenRule):
    """Who owes what is settled on the day it is due; after that a contribution is late or missing, not waived."""

    slug, title = "waived-too-late", "The day it was due has passed"


class AlreadyAsked(BrokenRule):
    """This contributor is asked for this report already; look at the list with `?occurrence=`."""

    slug, title = "contributor-already-asked", "The contributor is already asked"


class NoLongerOpen(BrokenRule):
    """The report is published, withdrawn or past its due date: nobody is asked for a part of it any more."""

    slug, title = "report-no-longer-open", "The report takes no more contributions"


class NotTheCoordinator(Forbidden):
    """Whoever answers for the report asks, chases, sends back and waives; a contributor only sends."""

    slug, title = "not-the-coordinator", "The report is another unit's"


class PartsDoNotFit(Malformed):
    """Send each part that was asked for, once, and no other."""

    slug, title = "parts-do-not-fit", "The parts are not those asked for"
