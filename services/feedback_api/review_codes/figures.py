"""Counts of reviews by code as this caller may have them. Pure.

The counts form a tree: all reviews are those of children under four and those that count; these are those in which
the child took part and those in which not; each of the two is made of its codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.feedback_api.intervals import share_interval
from services.feedback_api.review_codes.schemas import MEANINGS, CodeTally, ParticipationOut, ShareOut
from services.feedback_api.review_models import CODES, HEARD
from shared.schemas.figures import round_figure
from shared.schemas.periods import Period
from shared.suppression import is_small
from shared.suppression_sums import Sum, hidden_in_sums

Counts = Mapping[str, int]
NOT_HEARD = ("PN4", "PN7")
_SUMS = (
    Sum("reviews", ("PN0", "considered")),
    Sum("considered", ("took_part", "did_not")),
    Sum("took_part", HEARD),
    Sum("did_not", NOT_HEARD),
)


def tree_of(counts: Counts) -> dict[str, int]:
    """The counts of codes with the sums above them."""
    tree = {code: counts.get(code, 0) for code in CODES}
    for one in reversed(_SUMS):
        tree[one.total] = sum(tree[part] for part in one.parts)
    return tree


def hidden_of(tree: Counts, wider: Iterable[Counts], threshold: int, *, narrowed: bool) -> frozenset[str]:
    """What is hidden from those without true figures; `wider` are the trees of more units or longer periods.

    Narrowed to a unit, what is hidden and what is absent look alike.
    """
    telling = {
        name for more in wider for name, count in tree.items() if is_small(abs(more[name] - count), threshold) and count
    }
    hidden = hidden_in_sums(dict(tree), _SUMS, threshold=threshold, also=telling)
    return hidden | ({name for name, count in tree.items() if count == 0} if narrowed else frozenset())


def build(
    period: Period, unit: str | None, tree: Counts, hidden: frozenset[str], as_at: datetime, *, protected: bool
) -> ParticipationOut:
    """The answer, with every count that is hidden left out and every share that would tell it."""

    def shown(name: str) -> int | None:
        return None if name in hidden else tree[name]

    codes = [
        CodeTally(code=code, meaning=MEANINGS[code], count=shown(code), value_status="c" if code in hidden else None)
        for code in CODES
    ]
    return ParticipationOut(
        period=period.code,
        start=period.start,
        end=period.end,
        unit=unit,
        protected=protected,
        reviews=shown("reviews"),
        under_four=shown("PN0"),
        considered=shown("considered"),
        codes=codes,
        took_part=_share("took_part", tree, hidden),
        spoke=_share("PN1", tree, hidden),
        value_status="c" if hidden & {"reviews", "PN0", "considered"} else None,
        as_at=as_at,
    )


def _share(name: str, tree: Counts, hidden: frozenset[str]) -> ShareOut:
    of = None if "considered" in hidden else tree["considered"]
    if name in hidden or of is None:
        return ShareOut(count=None, of=of, percent=None, lower=None, upper=None, value_status="c")
    interval = share_interval(tree[name], of)
    if interval is None:
        return ShareOut(count=0, of=0, percent=None, lower=None, upper=None)
    percent, lower, upper = (float(round_figure(100 * part, 1)) for part in interval)
    return ShareOut(count=tree[name], of=of, percent=percent, lower=lower, upper=upper)
