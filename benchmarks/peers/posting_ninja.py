"""Posting an audit with Django Ninja: pydantic schemas, the ORM over psycopg, `bulk_create` in one transaction.

The token is verified, and what is named is looked up and the answers held to the tool, as in the other peer.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from benchmarks.peers.django_posting import Bearer, api, asked, record_deed  # isort: skip

from django.contrib.postgres.fields import ArrayField
from django.core.asgi import get_asgi_application
from django.db import models, transaction
from django.http import HttpRequest
from django.urls import path
from ninja import Schema
from pydantic import Field

from benchmarks.floors.audit_posting import DOMAINS, RANKS
from benchmarks.peers.judging import AUDIT_GROUND, QUESTIONS, Refused, check_answers, questions_of


class Audit(models.Model):
    id = models.UUIDField(primary_key=True)
    tool = models.TextField()
    tool_version = models.IntegerField()
    audit_type = models.TextField()
    announced = models.BooleanField()
    unit = models.TextField()
    case_reference = models.TextField()
    auditor = models.TextField()
    auditor_unit = models.TextField()
    required_views = ArrayField(models.TextField())
    status = models.TextField()
    quality_grade = models.TextField()
    outcomes_grade = models.TextField()
    process_grade = models.TextField()
    counts_on = models.DateField()
    submitted_on = models.DateField()
    submitted_at = models.DateTimeField()
    submitted_by = models.TextField()
    allocated_by = models.TextField()
    allocated_at = models.DateTimeField()
    version = models.IntegerField()

    class Meta:
        app_label, managed, db_table = "peer", False, "audit"


class Answer(models.Model):
    pk = models.CompositePrimaryKey("audit_id", "question")
    audit_id = models.UUIDField()
    question = models.TextField()
    value = models.TextField()
    rank = models.SmallIntegerField(null=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "audit_answer"


class View(models.Model):
    pk = models.CompositePrimaryKey("audit_id", "view_of")
    audit_id = models.UUIDField()
    view_of = models.TextField()
    feedback = models.TextField(null=True)
    reason = models.TextField(null=True)
    recorded_by = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        app_label, managed, db_table = "peer", False, "audit_view"


class Finding(models.Model):
    id = models.UUIDField(primary_key=True)
    audit_id = models.UUIDField()
    position = models.SmallIntegerField()
    kind = models.TextField()
    domain = models.TextField()
    title = models.TextField()
    detail = models.TextField(null=True)
    themes = ArrayField(models.TextField())

    class Meta:
        app_label, managed, db_table = "peer", False, "audit_finding"


GRADES = ("quality_grade", "outcomes_grade", "process_grade")
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern="^[a-z0-9_]+$")]


class ViewIn(Schema):
    feedback: str | None = None
    reason: Literal["declined", "unsafe", "not_contactable", "no_reply", "too_young", "not_applicable"] | None = None


class FindingIn(Schema):
    kind: Literal["strength", "area_for_improvement", "concern"]
    domain: Code
    title: Annotated[str, Field(min_length=3, max_length=120)]
    text: Text | None = None
    themes: list[Code] = []


class AuditIn(Schema):
    unit: Code
    tool: Code
    case_reference: Annotated[str, Field(min_length=3, max_length=80)]
    auditor_unit: Code
    answers: dict[Code, Text | int]
    views: dict[Literal["child", "parent_carer", "icrs"], ViewIn]
    findings: list[FindingIn]
    submit: bool


class Stored(Schema):
    id: str
    status: str
    tool_version: int
    auditor: str
    audit: AuditIn


def _rank(given: str | int) -> int | None:
    return given if isinstance(given, int) else RANKS.get(given)


_editions: dict[tuple[str, int], str] = {}


def _judge(body: AuditIn, by: str, today: Any) -> int:
    themes = [theme for finding in body.findings for theme in finding.themes]
    if body.auditor_unit == body.unit:
        raise Refused(409)
    ((unit, auditor_unit, known, version, own_case),) = asked(
        AUDIT_GROUND, body.unit, body.auditor_unit, body.tool, themes, today, body.case_reference, by
    )
    if not unit or not auditor_unit or version is None or known != len(set(themes)):
        raise Refused(422)
    if own_case:
        raise Refused(409)
    if (body.tool, version) not in _editions:
        ((_editions[body.tool, version],),) = asked(QUESTIONS, body.tool, version)
    check_answers(questions_of(_editions[body.tool, version]), body.answers, frozenset(RANKS) - {"yes", "no"})
    return int(version)


@api.post("/v1/audits", response={201: Stored}, auth=Bearer("audit:write"))
def add_audit(request: HttpRequest, body: AuditIn) -> tuple[int, dict[str, Any]]:
    found, now, by = uuid.uuid4(), datetime.now(UTC), request.auth
    version = _judge(body, by, now.date())
    grades = dict(
        zip(("quality_grade", "outcomes_grade", "process_grade"), map(body.answers.get, DOMAINS), strict=True)
    )
    with transaction.atomic():
        Audit.objects.create(
            id=found, tool=body.tool, tool_version=1, audit_type="single_case", announced=True, unit=body.unit,
            case_reference=body.case_reference, auditor=by, auditor_unit=body.auditor_unit,
            required_views=sorted(body.views), status="submitted", counts_on=now.date(), submitted_on=now.date(),
            submitted_at=now, submitted_by=by, allocated_by=by, allocated_at=now, version=1, **grades,
        )  # fmt: skip
        Answer.objects.bulk_create(
            Answer(
                audit_id=found, question=code, value=str(given), rank=given if given in range(6) else RANKS.get(given)
            )
            for code, given in body.answers.items()
        )
        View.objects.bulk_create(
            View(audit_id=found, view_of=name, recorded_by=by, recorded_at=now, **view.dict())
            for name, view in body.views.items()
        )
        Finding.objects.bulk_create(
            Finding(
                id=uuid.uuid4(), audit_id=found, position=place, kind=one.kind, domain=one.domain, title=one.title,
                detail=one.text, themes=one.themes,
            )
            for place, one in enumerate(body.findings)
        )  # fmt: skip
        record_deed(by, "audit.submitted", "audit", str(found), body.unit)
    return 201, {
        "id": str(found), "status": "submitted", "tool_version": version, "auditor": by, "audit": body.dict()
    }  # fmt: skip


urlpatterns = [path("", api.urls)]
app = get_asgi_application()
