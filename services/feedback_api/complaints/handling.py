"""Who handles a complaint, whether an advocate was offered, and what else it is known by: read in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from services.feedback_api.models import ComplaintAdvocacy, ComplaintPerson

_PARTS = sa.text(
    """
    SELECT 'people' AS part, to_jsonb(p) AS row, p.id::text AS place FROM complaint_person p WHERE complaint_id = :id
    UNION ALL SELECT 'advocacy', to_jsonb(a), a.id::text FROM complaint_advocacy a WHERE complaint_id = :id
    UNION ALL SELECT 'references', to_jsonb(respond_ref), respond_ref FROM complaint WHERE merged_into = :id
    UNION ALL SELECT 'became_from', jsonb_build_object('kind', kind, 'ref', ref), ref FROM recategorisation
    WHERE complaint_id = :id AND undone_at IS NULL
    ORDER BY place
    """
)


@dataclass
class Handling:
    people: list[ComplaintPerson] = field(default_factory=list)
    advocacy: list[ComplaintAdvocacy] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    became_from: list[dict[str, str]] = field(default_factory=list)

    def serving(self, stage: str, run: int, role: str | None = None) -> list[ComplaintPerson]:
        """Who is in a stage now, in one role or in any."""
        return [
            one
            for one in self.people
            if (one.stage, one.run) == (stage, run) and one.left_on is None and role in (None, one.role)
        ]

    def content(self) -> dict[str, Any]:
        """All of it as plain JSON, where there is any."""
        without = {"complaint_id", "recorded_by", "recorded_at"}
        found: dict[str, Any] = {
            "people": [one.model_dump(mode="json", exclude=without) for one in self.people],
            "advocacy": [one.model_dump(mode="json", exclude=without) for one in self.advocacy],
            "references": self.references,
            "became_from": self.became_from,
        }
        return {name: rows for name, rows in found.items() if rows}


async def read_handling(session: AsyncSession, complaint: UUID) -> Handling:
    """All parts in the order in which they were recorded."""
    handling = Handling()
    for part, row, _ in (await session.execute(_PARTS, {"id": complaint})).all():
        if part == "people":
            handling.people.append(ComplaintPerson.model_validate(row))
        elif part == "advocacy":
            handling.advocacy.append(ComplaintAdvocacy.model_validate(row))
        else:
            getattr(handling, part).append(row)
    return handling
