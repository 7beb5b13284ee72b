"""A figure among all authorities: quartiles by R's type 7, its band and its rank (METHODS 2.5)."""

from __future__ import annotations

from collections.abc import Mapping

from services.indicator_api.comparators.sets import is_enough
from services.indicator_api.standing.schemas import NotRanked, RankingOut
from services.indicator_api.standing.subject import Subject
from services.indicator_api.statistics.benchmark import band, quartiles, rank
from shared.schemas.figures import Polarity


def ranking_of(subject: Subject) -> RankingOut:
    """Rank and band of the figure; the quartiles also where the figure itself has no place among them."""
    values = _values(subject)
    n, of = len(values), len(subject.authorities)
    obstacle = _obstacle(subject, values)
    if not subject.ranked or not is_enough(n, of):
        return RankingOut(n_available=n, n_authorities=of, not_ranked_because=obstacle)
    polarity, cuts = subject.edition.polarity, quartiles(values.values())
    assert cuts is not None
    value = values.get(subject.place.code)
    return RankingOut(
        rank=rank(value, values.values(), polarity),
        tied=None if obstacle else sum(other == value for other in values.values()) - 1,
        band=band(value, cuts, polarity),
        **{name: float(f"{getattr(cuts, name):.12g}") for name in ("q0", "q1", "q2", "q3", "q4")},
        n_available=n,
        n_authorities=of,
        not_ranked_because=obstacle,
    )


def _values(subject: Subject) -> dict[str, float]:
    found = {code: one.value for code in subject.authorities if (one := subject.like(code)) and one.value is not None}
    own = subject.own
    if subject.place.code in subject.authorities:
        # Its own may be a sum of units, which nobody has stored; or hidden, as all that hangs on it then is.
        found.pop(subject.place.code, None)
        if own is not None and own.value is not None:
            found[subject.place.code] = own.value
    return found


def _obstacle(subject: Subject, values: Mapping[str, float]) -> NotRanked | None:
    own = subject.own
    checks: tuple[tuple[bool, NotRanked], ...] = (
        (not subject.ranked, "no_benchmark"),
        (subject.place.code not in subject.authorities, "not_an_authority"),
        (own is None or own.value is None, "no_figure"),
        (not is_enough(len(values), len(subject.authorities)), "too_few_authorities"),
        (subject.edition.polarity is Polarity.no_judgement, "no_judgement"),
    )
    return next((reason for stands, reason in checks if stands), None)
