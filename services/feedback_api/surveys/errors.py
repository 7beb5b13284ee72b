"""The named problems of surveys."""

from __future__ import annotations

from shared.problems import BrokenRule


class PublishedSurveyChanged(BrokenRule):
    """A published version never changes, since people answered it: give the new wording a new version."""

    slug, title = "published-survey-changed", "This version of the survey is published and cannot change"


class SurveyVersionNotNewer(BrokenRule):
    """Versions follow each other: give the survey a version above every one published before."""

    slug, title = "survey-version-not-newer", "A later version of the survey is already published"


class WaveNotOpen(BrokenRule):
    """Answers are taken from the day a wave opens to the day it closes: read its `status`, or extend it while open."""

    slug, title = "wave-not-open", "The wave does not take answers now"


class WaveClosed(BrokenRule):
    """A closed wave stays closed, since its results have been told: a few answers more would stand out from them."""

    slug, title = "wave-closed", "The wave is closed and stays so"


class WaveBegun(BrokenRule):
    """Whom a wave asks, and about what, is settled by the day it opens; only its end may move after that."""

    slug, title = "wave-begun", "The wave has begun, so this can no longer change"


class FollowUpTaken(BrokenRule):
    """A part of an evaluation is asked once: the wave is asked again after so many months already."""

    slug, title = "follow-up-taken", "The evaluation has this part already"


class NoEarlierPart(BrokenRule):
    """Transfer of learning is read from the wave that follows the one at the end of the course."""

    slug, title = "no-earlier-part", "This wave follows no earlier part of an evaluation"


class WordsOfStaff(BrokenRule):
    """What staff wrote is told of a whole wave alone, without filters, once it has closed with more answers than the
    threshold: a few words of a small team are as good as signed."""

    slug, title = "words-of-staff", "What staff wrote is not told so"
