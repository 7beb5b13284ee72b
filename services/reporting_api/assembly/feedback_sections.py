"""What people told the council: whose voices were heard, through which channels, and which channels were silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.reporting_api.assembly import evidence_asks as asks
from services.reporting_api.assembly.protection import shown, shown_lists, shown_people
from services.reporting_api.assembly.sections import Work
from services.reporting_api.words import counted, in_period, listed, sentence
from shared.schemas.board_report import BoardSection
from shared.schemas.board_report_items import Shown, StatementItem, SummaryLine, TallyItem
from shared.schemas.feedback_summary import FeedbackSummary, Tally
from shared.schemas.figures import SourceFamily, ValueStatus
from shared.suppression import is_small

_SENTIMENT = {"positive": "Positive", "mixed": "Mixed", "negative": "Negative", "not_given": "Not given"}
_GROUPS = {
    "channels": "By channel",
    "respondent_groups": "By respondent",
    "units": "By team or service",
    "sentiment": "How it was felt",
    "themes": "By theme",
    "outcomes": "Outcomes of complaints",
    "staff_channels": "Ways in which staff spoke",
}
# Whose voice a channel carries, as a source family (R06).
_FAMILIES = {
    "children_and_families": SourceFamily.children_parents_and_carers,
    "staff": SourceFamily.staff_and_managers,
}


def people(work: Work, count: int | None, status: str | None = None) -> Shown:
    return shown_people(count, status, work.protected, work.brief.threshold)


def said(number: Shown, one: str, many: str | None = None) -> str:
    """A count in a sentence; a hidden one without its number."""
    if number.value is None:
        return f"a small number of {many or one + 's'}"
    return counted(int(number.value), one, many)


def capital(code: str) -> str:
    return code.replace("_", " ").capitalize()


def number_line(code: str, label: str, number: Shown) -> SummaryLine:
    return SummaryLine(code=code, label=label, **number.model_dump())


def tally_items(group: str, rows: Sequence[Tally], numbers: Sequence[Shown]) -> list[TallyItem]:
    return [
        TallyItem(group=group, group_label=_GROUPS[group], code=row.code, title=row.title, **number.model_dump())
        for row, number in zip(rows, numbers, strict=True)
    ]


def breakdowns(work: Work, data: FeedbackSummary, *names: str) -> tuple[Shown, list[TallyItem]]:
    """The views and the named breakdowns. All are hidden together, so that none gives another away in any section."""
    words = data.sentiment
    sentiment = [
        Tally(code=code, title=title, count=getattr(words, code), value_status=words.value_status)
        for code, title in _SENTIMENT.items()
    ]
    lists: Mapping[str, Sequence[Tally]] = {
        "channels": data.channels,
        "respondent_groups": data.respondent_groups,
        "units": data.units,
        "sentiment": sentiment,
    }
    parts = {name: [(row.count, row.value_status) for row in rows] for name, rows in lists.items()}
    total = (data.views, data.views_status)
    views, numbers = shown_lists(total, parts, work.protected, work.brief.threshold)
    return views, [item for name in names for item in tally_items(name, lists[name], numbers[name])]


def summary_of(work: Work) -> tuple[BoardSection, FeedbackSummary | None]:
    question = asks.summary(work.brief)
    return work.start([question]), work.evidence.data(question)


def feedback(work: Work) -> BoardSection:
    """Whose voices were heard, through which channels, about what; and which channels were silent (R13)."""
    section, data = summary_of(work)
    if data is None:
        return section
    views, tallies = breakdowns(work, data, "channels", "respondent_groups", "units", "sentiment")
    used = [row for row in data.channels if row.count != 0]
    section.summary = [
        number_line("views", "Views recorded", views),
        number_line("channels_used", "Channels used", shown(len(used))),
        number_line("channels_silent", "Channels silent", shown(len(data.silent_channels))),
    ]
    themes = [_theme(work, row, data.views) for row in data.themes]
    section.items = [
        *tallies,
        *tally_items("themes", data.themes, themes),
        *_silent(data),
        *(StatementItem(group="changed", group_label="What changed because of it", text=text) for text in data.changed),
    ]
    silent = f"; {counted(len(data.silent_channels), 'channel')} silent" if data.silent_channels else ""
    section.headline = sentence(
        f"{said(views, 'view')} {in_period(data.period)} through {counted(len(used), 'channel')}{silent}"
    )
    if len(used) == 1:
        section.caveats.append("Only one way of hearing people was used (R10).")
    return section


def _theme(work: Work, row: Tally, views: int | None) -> Shown:
    """How many views named a theme; hidden too where those that did not are few."""
    rest = None if views is None or row.count is None else views - row.count
    if work.protected and is_small(rest, work.brief.threshold):
        return shown(None, ValueStatus.c)
    return people(work, row.count, row.value_status)


def _silent(data: FeedbackSummary) -> list[StatementItem]:
    """The channels from which nothing came, by name (R13)."""
    titles = {row.code: row.title for row in data.channels}
    return [
        StatementItem(group="silent", group_label="Channels that were silent", text=titles.get(code, code))
        for code in data.silent_channels
    ]


def views_by_group(work: Work, data: FeedbackSummary, section: BoardSection) -> None:
    """Lay the views recorded, by channel and respondent, into a section on participation."""
    views, tallies = breakdowns(work, data, "channels", "respondent_groups")
    section.items = [*tallies]
    section.summary = [number_line("views", "Views recorded", views)]
    heard = [row.title for row in data.respondent_groups if row.count != 0]
    who = f" from {listed(heard)}" if heard else ""
    section.headline = sentence(f"{said(views, 'view')} recorded {in_period(data.period)}{who}")


def families_heard(work: Work) -> set[SourceFamily]:
    """The source families whose channels brought something (R06)."""
    data: FeedbackSummary | None = work.evidence.data(asks.summary(work.brief))
    heard = [row for row in data.channels if row.count != 0] if data else []
    return {_FAMILIES[row.family] for row in heard if row.family in _FAMILIES}
