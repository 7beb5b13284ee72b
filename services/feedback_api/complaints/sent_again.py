"""What stands when a source sends a complaint anew: what a person decided here and the source did not change."""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.complaints.case import Case
from services.feedback_api.complaints.eligibility import DECIDED
from services.feedback_api.complaints.schemas import ComplaintIn, ExtensionIn, StageIn
from services.feedback_api.complaints.service import LEARNING
from services.feedback_api.histories import Said, decided_here
from services.feedback_api.models import ComplaintHistory, table_of

# What the council adds to a stage; a source that does not know of it does not take it away.
ADDED_HERE = ("ended_because", "reported_on", "adjudicated_on", "ombudsman_told_on")
# And to days set aside.
ADDED_TO_DAYS = ("decided_by", "proceedings_ended_on")
PLAIN = (
    "agency", "respondent_group", "themes", "matter_on", "learning_owner", "learning_due_on", *DECIDED, *LEARNING,
)  # fmt: skip
_ALWAYS = ("unit", "received_on")
_HISTORY = table_of(ComplaintHistory)
_OF_STAGE = [name for name in StageIn.model_fields if name != "extensions"]
_OF_DAYS = {"from_on": "from", "to_on": "to", "reason": "reason"} | {name: name for name in ADDED_TO_DAYS}


async def less_what_stands(session: AsyncSession, held: Case, body: ComplaintIn) -> ComplaintIn:
    """The body without the fields that stand; what is left out of a correction stays as it is."""
    present = _said(held.content())
    stays = await decided_here(
        session, _HISTORY, _HISTORY.c.complaint_id, held.complaint.id, present, _sent(body), _said, _same
    )
    stands = {name: getattr(held.complaint, name) for name in _ALWAYS if name in stays}
    values = {name: getattr(body, name) for name in body.model_fields_set - stays}
    return ComplaintIn.model_construct(**values, **stands)


def _sent(body: ComplaintIn) -> Said:
    given = {*body.model_fields_set, *_ALWAYS}
    plain = body.model_dump(mode="json", include={*PLAIN, *_ALWAYS} & given)
    stages = {"stages": [one.model_dump(mode="json") for one in body.stages]} if body.stages else {}
    days = [one.model_dump(mode="json", by_alias=True) for one in sorted(body.set_aside, key=attrgetter("first"))]
    frozen = {"set_aside": days} if "set_aside" in given else {}
    return plain | stages | frozen


def _said(content: Said) -> dict[str, Any]:
    """The content of a version as a source says it."""
    stages = []
    for stage in content["stages"]:
        of_it = [one for one in content["extensions"] if (one["stage"], one["run"]) == (stage["stage"], stage["run"])]
        extensions = [{name: one[name] for name in ExtensionIn.model_fields} for one in of_it]
        stages.append({name: stage[name] for name in _OF_STAGE} | {"extensions": extensions})
    # What was kept before something could be added to them here has nothing added.
    frozen = [
        {word: one.get(name) if name in ADDED_TO_DAYS else one[name] for name, word in _OF_DAYS.items()}
        for one in content["freezes"]
    ]
    frozen.sort(key=itemgetter("from"))
    return {name: content[name] for name in (*PLAIN, *_ALWAYS)} | {"stages": stages, "set_aside": frozen}


def _same(before: Any, sent: Any) -> bool:
    """Whether a source says what it said before. Stages and days set aside are compared one by one: it need not know of
    what was added to them here, nor of stages that opened by themselves."""
    if not (isinstance(sent, list) and sent and isinstance(sent[0], dict)):
        return bool(before == sent)
    staged, more = "stage" in sent[0], before[len(sent) :]
    told = all(_same_part(*pair, ADDED_HERE if staged else ADDED_TO_DAYS) for pair in zip(before, sent, strict=False))
    if not staged:
        return told and len(before) == len(sent)
    return told and len(before) >= len(sent) and not any(one["ended_on"] or one["extensions"] for one in more)


def _same_part(before: Said, sent: Said, added: Collection[str]) -> bool:
    return all(before[name] == value or (value is None and name in added) for name, value in sent.items())
