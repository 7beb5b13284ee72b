"""What became of reports, in the order of the activity: the one list that is pulled and that webhooks are sent from."""

from __future__ import annotations

import sqlalchemy as sa

from services.reporting_api import editions
from services.reporting_api.delivery_models import EVENTS
from shared.tables import activity, activity_seal

position = activity_seal.c.position
at, event, action, data = activity.c.at, activity.c.id, activity.c.action, activity.c.data

SELECT = (
    sa.select(
        position, at, event.label("event"), action, data, editions.c.id, editions.c.report, editions.c.title,
        editions.c.period, editions.c.edition, editions.c.boards, editions.c.unit, editions.c.status,
        editions.c.disclosure, editions.c.content_hash, editions.c.protected_hash, editions.c.supersedes,
    )
    .join(activity, event == activity_seal.c.activity_id)
    .join(editions.table, activity.c.subject_id == editions.c.id.cast(sa.Text))
    .where(activity.c.subject_type == "report", action.in_(EVENTS))
    .order_by(position)
)  # fmt: skip
