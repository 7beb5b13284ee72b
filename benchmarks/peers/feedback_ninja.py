"""Posting views and complaints with Django Ninja: pydantic schemas and the ORM over psycopg, the same job."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from benchmarks.peers.django_posting import Bearer, api, asked, record_deed  # isort: skip

from django.contrib.postgres.fields import ArrayField
from django.core.asgi import get_asgi_application
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import path
from ninja import Schema
from pydantic import Field

from benchmarks.peers.judging import (
    DAYS_OFF,
    FEEDBACK_GROUND,
    PROCEDURE,
    Refused,
    check_not_later,
    days_of_stage,
)
from shared.working_days import add_working_days


class Recorded(models.Model):
    id = models.UUIDField(primary_key=True)
    version = models.IntegerField()
    recorded_by = models.TextField()
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    source_hash = models.BinaryField()
    unit = models.TextField()
    themes = ArrayField(models.TextField())

    class Meta:
        abstract = True


class View(Recorded):
    source = models.TextField()
    source_ref = models.TextField(null=True)
    channel = models.TextField()
    respondent_group = models.TextField()
    given_on = models.DateField()
    age_band = models.TextField(null=True)
    rating = models.SmallIntegerField(null=True)
    sentiment = models.TextField(null=True)
    what_works = models.TextField(null=True)
    what_should_change = models.TextField(null=True)
    consent = models.TextField()
    safeguarding_flag = models.BooleanField()
    flag_reasons = ArrayField(models.TextField())

    class Meta:
        app_label, managed, db_table = "peer", False, "view"


class ViewLink(models.Model):
    pk = models.CompositePrimaryKey("view_id", "kind", "ref")
    view_id = models.UUIDField()
    kind = models.TextField()
    ref = models.TextField()

    class Meta:
        app_label, managed, db_table = "peer", False, "view_link"


class Complaint(Recorded):
    respond_ref = models.TextField()
    received_on = models.DateField()
    respondent_group = models.TextField(null=True)
    procedure = models.TextField()
    eligible = models.BooleanField(null=True)
    consent_given = models.BooleanField(null=True)
    status = models.TextField()
    outcome = models.TextField(null=True)
    closed_on = models.DateField(null=True)
    learning = models.TextField(null=True)
    improvement = models.TextField(null=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "complaint"


class Stage(models.Model):
    pk = models.CompositePrimaryKey("complaint_id", "stage", "run")
    complaint_id = models.UUIDField()
    stage = models.TextField()
    run = models.SmallIntegerField()
    position = models.SmallIntegerField()
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    outcome = models.TextField(null=True)
    clock_starts_on = models.DateField(null=True)
    statutory_due_on = models.DateField(null=True)
    local_due_on = models.DateField(null=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "complaint_stage"


Text = Annotated[str, Field(min_length=1, max_length=4000)]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern="^[a-z0-9][a-z0-9_-]*$")]
Reference = Annotated[str, Field(min_length=1, max_length=80)]
Themes = Annotated[list[Code], Field(max_length=10)]


class LinkIn(Schema):
    kind: Literal["audit", "review", "assessment", "commissioning", "training", "other"]
    ref: Reference


class ViewIn(Schema):
    channel: Code
    respondent_group: Code
    unit: Code
    given_on: date
    consent: Literal["shared", "anonymous", "internal_only"]
    source: Code = "direct"
    source_ref: Reference | None = None
    age_band: Literal["under 1", "1-4", "5-9", "10-15", "16+"] | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    sentiment: Literal["positive", "mixed", "negative"] | None = None
    themes: Themes = []
    what_works: Text | None = None
    what_should_change: Text | None = None
    links: list[LinkIn] = []


class StageIn(Schema):
    stage: Code
    started_on: date
    ended_on: date | None = None
    outcome: Literal["upheld", "partially_upheld", "not_upheld", "withdrawn", "no_finding"] | None = None


class ComplaintIn(Schema):
    respond_ref: Reference
    procedure: Code
    received_on: date
    unit: Code
    respondent_group: Code | None = None
    themes: Themes = []
    eligible: bool | None = None
    consent_given: bool | None = None
    stages: list[StageIn] = []
    learning: Text | None = None
    improvement: Text | None = None


class StoredView(Schema):
    id: str
    version: int
    recorded_by: str
    view: ViewIn


class StoredComplaint(Schema):
    id: str
    version: int
    recorded_by: str
    status: str
    due_on: date
    complaint: ComplaintIn


def _check(named: set[tuple[str, str]], unit: str, on: date) -> None:
    known = set(asked(FEEDBACK_GROUND, unit, on, [kind for kind, _ in named], [code for _, code in named]))
    if not named | {("units", unit)} <= known:
        raise Refused(422)


@api.post("/v1/views", response={201: StoredView}, auth=Bearer("feedback:write"))
def record_view(request: HttpRequest, body: ViewIn) -> tuple[int, dict[str, Any]]:
    found, now, by = uuid.uuid4(), datetime.now(UTC), request.auth
    check_not_later(body.given_on, now.date())
    named = {("channels", body.channel), ("respondent_groups", body.respondent_group)}
    _check(named | {("themes", theme) for theme in body.themes}, body.unit, body.given_on)
    with transaction.atomic():
        View.objects.create(
            id=found, version=1, recorded_by=by, recorded_at=now, changed_at=now, source_hash=secrets.token_bytes(32),
            safeguarding_flag=False, flag_reasons=[], **body.dict(exclude={"links"}),
        )  # fmt: skip
        ViewLink.objects.bulk_create(ViewLink(view_id=found, kind=one.kind, ref=one.ref) for one in body.links)
        record_deed(by, "view.recorded", "view", str(found), body.unit)
    return 201, {"id": str(found), "version": 1, "recorded_by": by, "view": body.dict()}


@api.post("/v1/complaints", response={201: StoredComplaint}, auth=Bearer("feedback:write"))
def record_complaint(request: HttpRequest, body: ComplaintIn) -> tuple[int, dict[str, Any]]:
    found, now, by, (stage,) = uuid.uuid4(), datetime.now(UTC), request.auth, body.stages
    check_not_later(body.received_on, now.date())
    named = {("complaint_procedures", body.procedure), *(("themes", theme) for theme in body.themes)}
    named |= {("respondent_groups", body.respondent_group)} if body.respondent_group else set()
    _check(named, body.unit, body.received_on)
    ((content,),) = asked(PROCEDURE, body.procedure)
    off = frozenset(day for (day,) in asked(DAYS_OFF))
    due = add_working_days(body.received_on, days_of_stage(content, stage.stage), off)
    with transaction.atomic():
        Complaint.objects.create(
            id=found, version=1, recorded_by=by, recorded_at=now, changed_at=now, source_hash=secrets.token_bytes(32),
            status="closed", outcome=stage.outcome, closed_on=stage.ended_on, **body.dict(exclude={"stages"}),
        )  # fmt: skip
        Stage.objects.create(
            complaint_id=found, run=1, position=1, clock_starts_on=body.received_on, statutory_due_on=due,
            local_due_on=due, **stage.dict(),
        )  # fmt: skip
        record_deed(by, "complaint.recorded", "complaint", body.respond_ref, body.unit)
    return 201, {
        "id": str(found), "version": 1, "recorded_by": by, "status": "closed", "due_on": due,
        "complaint": body.dict(),
    }  # fmt: skip


urlpatterns = [path("", api.urls)]
app = get_asgi_application()
