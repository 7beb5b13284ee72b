"""A board report laid out: its head, what it says in short, its sections one after another, and its foot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from services.reporting_api.renders.blocks import (
    DASH,
    Block,
    Cell,
    Column,
    Heading,
    Laid,
    Notice,
    Part,
    Points,
    Prose,
    Small,
    Table,
    Total,
    Totals,
)
from services.reporting_api.renders.section_blocks import section_blocks
from services.reporting_api.renders.wording import STATUS, SYMBOLS, Tone, capital, day_words, moment_words, plain
from services.reporting_api.words import date_words, listed
from shared.schemas.board_figures import BoardFigure, Rag
from shared.schemas.board_report import BoardReport, ParticipationStatement

_UNPUBLISHED = ("draft", "submitted", "signed_off")
_QUESTIONS = (
    ("Are we doing the right things?", "doing_the_right_things"),
    ("Are we making a difference?", "making_a_difference"),
)


def lay_out(report: BoardReport) -> Laid:
    """The whole report; a draft and a protected copy say at their head what they are."""
    draft = report.status in _UNPUBLISHED
    parts = [
        Part("in_short", "In short", list(_in_short(report))),
        *_participation(report),
        *_key_actions(report),
        *(Part(one.code, one.title, section_blocks(one), bool(one.figures)) for one in report.sections),
        Part("questions", "The two closing questions", list(_questions(report))),
        *_signed(report),
    ]
    return Laid(
        title=report.title,
        board=report.board.name,
        period=capital(report.period.label),
        span=f"{date_words(report.period.start)} to {date_words(report.period.end)}",
        draft=draft,
        facts=_facts(report),
        opening=list(_opening(report, draft)),
        parts=parts,
        closing=list(_closing(report)),
        fingerprint=report.content_hash,
        name=f"{report.report} {report.period.code} edition {report.version}",
        mark="DRAFT" if draft else "SUPERSEDED" if report.status == "superseded" else None,
    )


def _facts(report: BoardReport) -> list[tuple[str, str]]:
    published = f"{STATUS[report.status]}{f', {moment_words(report.published_at)}' if report.published_at else ''}"
    others = [one.name for one in report.audiences if one.code != report.board.code]
    copies = {"full": "With figures as they are", "protected": "Small numbers hidden"}
    return [
        ("Period", f"{date_words(report.period.start)} to {date_words(report.period.end)}"),
        ("Evidence as of", moment_words(report.as_of)),
        ("Due", day_words(report.due_on)),
        ("Status", published),
        ("Edition", str(report.version)),
        ("Copy", copies[report.disclosure]),
        *([("Also for", listed(others))] if others else []),
    ]


def _opening(report: BoardReport, draft: bool) -> Iterator[Notice]:
    if draft:
        yield Notice("This is a draft; it has not been published.")
    if report.status == "superseded":
        yield Notice("This edition has been superseded: a later one has taken its place.")
    if report.supersession_reason:
        yield Notice(f"It replaces an earlier edition: {report.supersession_reason}")
    if report.disclosure == "protected" and report.caveats:
        yield Notice(report.caveats[0])
    if report.missing:
        yield Notice("Not in this report", report.missing)


def _in_short(report: BoardReport) -> Iterator[Block]:
    yield Points(report.headlines)
    figures = {(one.indicator, one.area, one.period): one for section in report.sections for one in section.figures}
    if figures:
        yield Totals(_glance(list(figures.values())))
    if report.themed_areas:
        titles = {one.code: one.title for one in report.sections}
        rows = [
            [
                Cell(one.title),
                Cell(one.headline),
                Cell(f"{one.figures:,}"),
                Cell(listed([titles.get(code, plain(code)) for code in one.sections]) or DASH),
            ]
            for one in report.themed_areas
        ]
        columns = [
            Column("Area", share=1.5),
            Column("What it shows", share=3),
            Column("Measures", True),
            Column("In", share=2),
        ]
        yield Table("The four themed areas", columns, rows)


_AGAINST: tuple[tuple[str, Rag, Tone], ...] = (
    ("Target met", "green", "green"),
    ("Within tolerance", "amber", "amber"),
    ("Target missed", "red", "red"),
)


def _glance(figures: list[BoardFigure]) -> list[Total]:
    """How many measures stand where: each is counted once."""
    counts = [
        Total("Measures", f"{len(figures):,}"),
        *(Total(label, f"{sum(one.rag == rag for one in figures):,}", tone) for label, rag, tone in _AGAINST),
        Total("Improving", f"{sum(one.direction_of_travel == 'improving' for one in figures):,}"),
        Total("Worsening", f"{sum(one.direction_of_travel == 'worsening' for one in figures):,}"),
    ]
    changed = sum(one.changed_since_last_report is not None for one in figures)
    return [*counts, *([Total("Changed since last shown", f"{changed:,}", "blue")] if changed else [])]


def _participation(report: BoardReport) -> list[Part]:
    said = report.participation
    return [Part("participation", "How children and families took part", list(_took_part(said)))] if said else []


def _took_part(said: ParticipationStatement) -> Iterator[Block]:
    if said.took_place:
        people = said.value_status if said.how_many is None else f"{said.how_many:,}"
        yield Prose(said.who or DASH)
        methods = ", ".join(one.replace("_", " ") for one in said.methods)
        yield Prose(f"Methods: {methods}. People: {people}.")
        yield Heading("What changed because of it")
        yield Prose(said.what_changed or DASH)
    else:
        yield Prose(f"No participation took place. {said.why_not or ''}")
        yield Heading("What follows")
        yield Prose(said.what_follows or DASH)


def _key_actions(report: BoardReport) -> list[Part]:
    if not report.key_actions:
        return []
    rows = [
        [Cell(one.text), Cell(", ".join(one.evidence)), Cell(one.owner or DASH), Cell(day_words(one.due_on))]
        for one in report.key_actions
    ]
    columns = [Column("Action", share=3), Column("Evidence", share=2), Column("Owner"), Column("By")]
    title = "Key actions for the year ahead"
    return [Part("key_actions", title, [Table("Each with the evidence it rests on", columns, rows)])]


def _questions(report: BoardReport) -> Iterator[Block]:
    for question, field in _QUESTIONS:
        yield Heading(question)
        yield Prose(getattr(report, field) or "Not answered yet.")


def _signed(report: BoardReport) -> list[Part]:
    if not report.signatures:
        return []
    rows = [
        [
            Cell(plain(one.role)),
            Cell(f"{one.subject} for {one.on_behalf_of}" if one.on_behalf_of else one.subject),
            Cell(moment_words(one.signed_at)),
            Cell(one.comment or DASH),
        ]
        for one in report.signatures
    ]
    columns = [Column("Role"), Column("By"), Column("On"), Column("Comment", share=2)]
    return [Part("signed_off", "Signed off", [Table("Each signature is for exactly this content", columns, rows)])]


def _closing(report: BoardReport) -> Iterator[Small]:
    hidden = 1 if report.disclosure == "protected" else 0
    for text in chain(report.caveats[hidden:], report.attribution):
        yield Small(text)
    families = [plain(code) for code, heard in report.source_families.items() if heard]
    if families:
        yield Small(f"Sources of evidence in this report: {listed([one.lower() for one in families])}.")
    yield Small(f"Symbols: {SYMBOLS}")
    yield Small(f"Report {report.report} for {report.period.code}, edition {report.version}: {', '.join(report.rows)}.")
    yield Small(f"Content hash {report.content_hash}. Schema {report.schema_version}.")
    if report.activity_head:
        yield Small(f"Activity log at publication {report.activity_head}.")
