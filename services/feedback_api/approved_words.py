"""Reading words that were approved for sharing: the only way in which anyone's words leave the cases they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.counting import KINDS, Asked
from services.feedback_api.sharing_models import AUDIENCES
from services.feedback_api.tallies import count_by_unit
from shared.schemas.periods import Period, PeriodKind

# What may be read of the quotations `q`: approved, within its time, for this audience or a wider one, and of no record
# whose safeguarding flag is open. A statement with it binds what `readable_for` gives.
READABLE = """
q.status = 'approved' AND q.expires_on >= :today AND q.audience = ANY(CAST(:audiences AS text[]))
AND NOT EXISTS (SELECT FROM safeguarding_flag f
                WHERE f.subject_kind = q.subject_kind AND f.subject_ref = q.subject_ref AND f.status <> 'decided')
"""
_ONLY = """
AND (CAST(:units AS text[]) IS NULL OR {of}unit = ANY(CAST(:units AS text[])))
AND (CAST(:theme AS text) IS NULL OR {of}themes @> ARRAY[CAST(:theme AS text)])
"""
_APPROVED = """
SELECT q.text, q.subject_kind, q.respondent_group, q.channel, q.themes, q.unit, md5(CAST(q.id AS text)) AS place,
       CAST(date_trunc('quarter', q.said_on) AS date) AS quarter
FROM quotation q
WHERE {readable} AND q.said_on BETWEEN :first AND :last {only_q}
  AND CAST(date_trunc('quarter', q.said_on) AS date) = ANY(CAST(:quarters AS date[]))
  AND (CAST(:after AS text) IS NULL OR md5(CAST(q.id AS text)) > :after)
ORDER BY place LIMIT :fetch
"""
_LEARNING = """
SELECT q.text, c.agency, c.unit, c.themes, c.closed_on
FROM quotation q JOIN complaint c ON c.respond_ref = q.subject_ref
WHERE q.subject_kind = 'complaint' AND q.field = 'shared_learning' AND {readable}
  AND c.closed_on BETWEEN :first AND :last {only_c}
ORDER BY c.closed_on DESC, c.id DESC LIMIT 50
"""
_CLOSED = "SELECT count(*) FROM complaint c WHERE c.closed_on BETWEEN :first AND :last {only_c}"
_QUARTERS = """
SELECT DISTINCT CAST(date_trunc('quarter', q.said_on) AS date) AS quarter FROM quotation q
WHERE {readable} AND q.said_on BETWEEN :first AND :last {only_q}
"""
# Each quarter is a range of the index that holds all that is asked for; a million days are not rounded one by one.


_PARTS = {
    "readable": READABLE,
    "only_q": _ONLY.format(of="q."),
    "only_c": _ONLY.format(of="c."),
}


def readable_for(audience: str, today: date) -> dict[str, Any]:
    """What `READABLE` binds, for words that this audience is to read today."""
    return {"today": today, "audiences": list(AUDIENCES[AUDIENCES.index(audience) :])}


@dataclass(frozen=True)
class Wanted:
    """Of which days, units (None: all), theme and audience words are wanted, as seen today."""

    first: date
    last: date
    units: list[str] | None
    theme: str | None
    today: date
    audience: str = "boards"

    @property
    def bound(self) -> dict[str, Any]:
        days = {"first": self.first, "last": self.last}
        return days | {"units": self.units, "theme": self.theme} | readable_for(self.audience, self.today)


@dataclass(frozen=True)
class Voices:
    """How many spoke in each quarter, by unit and by respondent group, within what was asked for."""

    counts: Mapping[date, Mapping[str, Counter[str]]]

    def many(self, quarter: date, threshold: int, *, unit: str | None = None, groups: Sequence[str] = ()) -> bool:
        """Whether enough people spoke that one of them is not told apart by what is named here."""
        units = self.counts.get(quarter, {})
        named = units.values() if unit is None else [units.get(unit, Counter())]
        return sum(sum(one[group] for group in groups) if groups else one.total() for one in named) > threshold

    def quarters(self, threshold: int) -> list[date]:
        """The quarters in which enough people spoke for anything to be shown."""
        return [quarter for quarter in sorted(self.counts) if self.many(quarter, threshold)]


async def _run(session: AsyncSession, text: str, bound: dict[str, Any]) -> sa.Result[Any]:
    # Only fixed fragments of this module are put into the text; every value travels as a bound parameter.
    return await session.execute(sa.text(text.format(**_PARTS)), bound)


async def count_voices(session: AsyncSession, wanted: Wanted) -> Voices:
    """Those who gave views, complained or praised in the quarters that have words to share, whether or not theirs."""
    quarters = sorted((await _run(session, _QUARTERS, wanted.bound)).scalars())
    return Voices({quarter: await _voices_of(session, quarter, wanted) for quarter in quarters})


async def _voices_of(session: AsyncSession, quarter: date, wanted: Wanted) -> Mapping[str, Counter[str]]:
    last = Period.containing(PeriodKind.financial_quarter, quarter).end
    asked = Asked(quarter, last, wanted.units, theme=wanted.theme)
    found: dict[str, Counter[str]] = {}
    for kind in KINDS:
        counts = await count_by_unit(session, kind, asked, ["all_groups" if wanted.theme is None else "by_group"])
        for unit, one in counts.items():
            groups = one if wanted.theme is None else one.of_theme(wanted.theme)
            found.setdefault(unit, Counter()).update(groups.all_groups)
    return found


async def read_approved(
    session: AsyncSession, wanted: Wanted, quarters: Sequence[date], after: str | None, fetch: int
) -> Sequence[sa.Row[Any]]:
    """The approved words of those quarters, in an order that says nothing of when or about whom."""
    bound = wanted.bound | {"quarters": list(quarters), "after": after, "fetch": fetch}
    return (await _run(session, _APPROVED, bound)).all()


async def read_learning(session: AsyncSession, wanted: Wanted, threshold: int) -> Sequence[sa.Row[Any]]:
    """The learning from complaints closed in these days, in words approved for this audience, the newest first.

    Narrowed to units or a theme there is none of no more complaints than the threshold: it would say whose they are.
    """
    if wanted.units is not None or wanted.theme is not None:
        closed = (await _run(session, _CLOSED, wanted.bound)).scalar_one()
        if closed <= threshold:
            return []
    return (await _run(session, _LEARNING, wanted.bound)).all()
