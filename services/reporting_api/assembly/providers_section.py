"""Schools and settings in the registers of concern: reviews owed and held, and each with what is known of it."""

from __future__ import annotations

from services.reporting_api.assembly import indicator_asks as asks
from services.reporting_api.assembly.gather import concerns_in
from services.reporting_api.assembly.indicator_answers import ConcernEntry, ProviderPage, RegisterYear
from services.reporting_api.assembly.indicator_sections import line
from services.reporting_api.assembly.protection import shown
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, date_words, period_words, sentence
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import ProviderItem, ReviewsItem

_LACKING = {
    "not_reported_to_members": "not reported to members",
    "report_to_members_overdue": "report to members overdue",
    "support_missing": "no additional support recorded",
    "review_missing": "a review is missing",
}
# The last judgements and notes a board reads; the provider's own page has them all.
_JUDGEMENTS, _FIGURES, _NOTES = 4, 6, 5


def providers(work: Work) -> BoardSection:
    """Who stands in a register, at risk first; whoever sees no small numbers is told of those members know of (R54)."""
    question = asks.concerns()
    section = work.start([question])
    if work.evidence.data(question) is None:
        return section
    entries = concerns_in(work.brief, work.evidence)
    registers = sorted({one.provider_register for one in entries})
    years = {code: _year(work, code) for code in registers}
    told = [one for one in entries if not work.protected or one.reported_to_members_on is not None]
    section.sources += [
        work.evidence.source(asks.register_year(work.brief, code), work.records.readings) for code in registers
    ]
    section.items = [_provider(work, one, years[one.provider_register]) for one in told]
    section.items += [item for year in years.values() if year for item in _reviews(year)]
    open_ = [one for one in entries if one.closed_on is None or one.closed_on > work.brief.occurrence.period_end]
    risk, late = sum(one.at_risk for one in open_), sum("report_to_members_overdue" in one.flags for one in open_)
    section.summary = [
        line("open", "Entries open at the end of the period", len(open_)),
        line("at_risk", "At risk", risk),
        line("closed", "Closed in the period", len(entries) - len(open_)),
        line("members_overdue", "Report to members overdue", late),
        line("review_missing", "Without a review that was owed", sum("review_missing" in one.flags for one in open_)),
    ]
    section.headline = sentence(f"{counted(len(open_), 'school or setting', 'schools and settings')} in a register"
                                f" of concern, {risk} at risk")  # fmt: skip
    section.caveats += _caveats(entries, told)
    return section


def _caveats(entries: list[ConcernEntry], told: list[ConcernEntry]) -> list[str]:
    left = len(entries) - len(told)
    words = f"{counted(left, 'entry', 'entries')} not yet reported to members {'is' if left == 1 else 'are'} not named"
    return [sentence(words)] if left else []


def _year(work: Work, register: str) -> RegisterYear | None:
    found: RegisterYear | None = work.evidence.data(asks.register_year(work.brief, register))
    return found


def _provider(work: Work, one: ConcernEntry, year: RegisterYear | None) -> ProviderItem:
    page: ProviderPage | None = work.evidence.data(asks.provider(one.provider))
    kind = page.kind if page else "provider"
    return ProviderItem(
        provider=one.provider, name=one.provider_name, kind=kind, kind_label=_words(kind),
        register_code=one.provider_register, register_title=year.name if year else _words(one.provider_register),
        category=one.category, category_label=_words(one.category), at_risk=one.at_risk, opened_on=one.opened_on,
        closed_on=one.closed_on, reported_to_members_on=one.reported_to_members_on,
        support=[given.what for given in one.support], lacking=[_LACKING.get(flag, flag) for flag in one.flags],
        judgements=_judgements(page) if page else [], figures=_figures(page) if page and not work.protected else [],
        notes=_notes(work, page) if page and not work.protected else [],
    )  # fmt: skip


def _judgements(page: ProviderPage) -> list[str]:
    latest = [one for one in page.judgements if one.latest][:_JUDGEMENTS]
    return [f"{_words(one.judgement)}: {_words(one.grade).lower()}, {date_words(one.judged_on)}" for one in latest]


def _figures(page: ProviderPage) -> list[str]:
    newest: dict[str, str] = {}
    for one in page.figures:
        newest.setdefault(one.indicator, f"{one.title}: {one.display}, {period_words(one.period)}")
    return list(newest.values())[:_FIGURES]


def _notes(work: Work, page: ProviderPage) -> list[str]:
    """Soft information of the period, the latest first: what was seen and heard, for those inside the council."""
    first, last = work.brief.occurrence.period_start, work.brief.occurrence.period_end
    held = [one for one in page.notes if first <= one.noted_on <= last][:_NOTES]
    return [f"{_words(one.kind)}, {date_words(one.noted_on)}: {one.words}" for one in held]


def _reviews(year: RegisterYear) -> list[ReviewsItem]:
    return [
        ReviewsItem(
            register_code=year.provider_register, register_title=year.name, period=one.period,
            period_label=period_words(one.period), expected=shown(one.expected), held=shown(one.held),
            missing=shown(one.missing),
        )
        for one in year.periods
    ]  # fmt: skip


def _words(code: str) -> str:
    words = code.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"
