"""The three kinds of what follows a complaint: where each stands, when it is open, and when it is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from services.feedback_api.models import OmbudsmanEnquiry, Recommendation, Remedy, Table, table_of
from services.feedback_api.remedies.schemas import EnquiryOut, RecommendationOut, RemedyOut


@dataclass(frozen=True)
class Kind:
    """One kind of record with its table, its answer, and the day its list is ordered by."""

    name: Literal["enquiry", "remedy", "recommendation"]
    model: type[Table]
    out: type[EnquiryOut] | type[RemedyOut] | type[RecommendationOut]
    day: str
    status: sa.ColumnElement[str]
    path: str

    @property
    def table(self) -> sa.Table:
        return table_of(self.model)

    def overdue(self, today: date) -> sa.ColumnElement[bool]:
        """Past its day and still owed."""
        column = self.table.c["response_due_on" if self.name == "enquiry" else "due_on"]
        owed = {"enquiry": "to_answer", "remedy": "promised", "recommendation": "accepted"}[self.name]
        return sa.func.coalesce(sa.and_(column < today, self.status == owed), False)


def _first(otherwise: str, *cases: tuple[Any, str]) -> sa.ColumnElement[str]:
    return sa.case(*((condition, sa.literal(name)) for condition, name in cases), else_=sa.literal(otherwise))


_enquiry, _remedy, _advice = table_of(OmbudsmanEnquiry).c, table_of(Remedy).c, table_of(Recommendation).c
ENQUIRY = Kind(
    "enquiry", OmbudsmanEnquiry, EnquiryOut, "received_on",
    _first(
        "to_answer", (_enquiry.decision.is_not(None), "decided"), (_enquiry.response_sent_on.is_not(None), "answered")
    ),
    "/v1/ombudsman-enquiries",
)  # fmt: skip
REMEDY = Kind(
    "remedy", Remedy, RemedyOut, "due_on",
    _first("promised", (_remedy.done_on.is_not(None), "done"), (_remedy.withdrawn_because.is_not(None), "withdrawn")),
    "/v1/remedies",
)  # fmt: skip
RECOMMENDATION = Kind(
    "recommendation", Recommendation, RecommendationOut, "made_on",
    _first(
        "to_answer", (_advice.done_on.is_not(None), "done"), (_advice.answer == "accepted", "accepted"),
        (_advice.answer == "rejected", "rejected"),
    ),
    "/v1/recommendations",
)  # fmt: skip
