"""The taxonomy and the classifier made of it, as they stand now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.classifier import Classifier, Learned, Lessons, learn
from services.feedback_api.models import ThemeClassifier, ThemeDecision, ThemeLesson, table_of
from services.feedback_api.themes.records import KINDS, Kind
from shared.tables import framework_item

_CLASSIFIER, _LESSON, _DECISION = table_of(ThemeClassifier), table_of(ThemeLesson), table_of(ThemeDecision)
# The row of lessons that counts the records themselves.
_ALL = ""
# Enough to learn from, and little enough to count in a moment.
_MOST_RECORDS = 50_000


@dataclass(frozen=True)
class Taxonomy:
    """The themes in force on a day, by code."""

    titles: Mapping[str, str]
    keywords: Mapping[str, tuple[str, ...]]


async def read_taxonomy(session: AsyncSession, on: date) -> Taxonomy:
    """A theme's name is one of its keywords."""
    item = framework_item.c
    statement = sa.select(item.code, item.content).where(item.kind == "themes", ~item.retired).order_by(item.code)
    found = [(row.code, row.content) for row in (await session.execute(statement)).all()]
    day = on.isoformat()
    themes = [
        (code, content)
        for code, content in found
        if (content.get("valid_from") or day) <= day <= (content.get("valid_to") or day)
        and not content.get("superseded_by")
    ]
    return Taxonomy(
        {code: content["name"] for code, content in themes},
        {code: (content["name"], *content.get("keywords", ())) for code, content in themes},
    )


async def read_classifier(session: AsyncSession, taxonomy: Taxonomy) -> Classifier:
    """The classifier of these keywords with what was learned last."""
    rows = {row.word: row for row in (await session.execute(sa.select(_LESSON))).all()}
    whole = rows.pop(_ALL, None)
    if whole is None:
        return Classifier(taxonomy.keywords)
    words = {word: Learned(row.said, row.themes) for word, row in sorted(rows.items())}
    return Classifier(taxonomy.keywords, Lessons(whole.said, whole.themes, words))


async def register(session: AsyncSession, classifier: Classifier, now: datetime) -> datetime | None:
    """Note a classifier the first time it is used; answers the newest decision it has learned from."""
    learned = None
    if classifier.lessons.records:
        learned = (await session.execute(sa.select(sa.func.max(_CLASSIFIER.c.learned_through)))).scalar_one()
    values = {"version": classifier.version, "made_at": now, "records": classifier.lessons.records}
    statement = insert(_CLASSIFIER).values(**values, learned_through=learned)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["version"]))
    return learned


async def learn_anew(session: AsyncSession, taxonomy: Taxonomy, now: datetime) -> Classifier:
    """Count the words of the records whose themes people decided, the newest decision of each, and keep the counts.

    Rare words are counted in memory and never stored; counting anew also forgets what was erased or decided otherwise.
    """
    # One at a time: two that replace the lessons together would leave a mixture.
    await session.execute(sa.text("LOCK TABLE theme_lesson IN SHARE ROW EXCLUSIVE MODE"))
    decided: list[tuple[list[str], list[str]]] = []
    for kind in KINDS.values():
        decided += await _decided(session, kind)
    classifier = Classifier(taxonomy.keywords, learn(decided))
    await session.execute(sa.delete(_LESSON))
    rows: list[dict[str, Any]] = [
        {"word": word, "said": one.said, "themes": dict(one.of)} for word, one in classifier.lessons.words.items()
    ]
    whole = {"word": _ALL, "said": classifier.lessons.records, "themes": dict(classifier.lessons.themes)}
    await session.execute(sa.insert(_LESSON), [whole, *rows])
    newest = sa.select(sa.func.max(_DECISION.c.decided_at)).scalar_subquery()
    values = {"version": classifier.version, "made_at": now, "records": classifier.lessons.records}
    statement = insert(_CLASSIFIER).values(**values, learned_through=newest)
    # The same counts again may rest on later decisions.
    later = {"learned_through": statement.excluded.learned_through}
    await session.execute(statement.on_conflict_do_update(index_elements=["version"], set_=later))
    return classifier


async def _decided(session: AsyncSession, kind: Kind) -> list[tuple[list[str], list[str]]]:
    newest = (
        sa.select(_DECISION.c.subject_id, _DECISION.c.chosen, _DECISION.c.decided_at)
        .where(_DECISION.c.subject_kind == kind.name)
        .ext(distinct_on(_DECISION.c.subject_id))
        .order_by(_DECISION.c.subject_id, _DECISION.c.decided_at.desc(), _DECISION.c.id.desc())
        .subquery()
    )
    texts = [kind.table.c[name] for name in kind.words]
    statement = (
        sa.select(newest.c.chosen, *texts)
        .join(kind.table, kind.table.c.id == newest.c.subject_id)
        .order_by(newest.c.decided_at.desc(), newest.c.subject_id)
        .limit(_MOST_RECORDS)
    )
    rows = (await session.execute(statement)).all()
    return [([text for text in row[1:] if text], row[0]) for row in rows]
