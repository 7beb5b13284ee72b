"""Posting an audit with Django Ninja: pydantic schemas, the ORM over psycopg, `bulk_create` in one transaction."""

from __future__ import annotations

import os
import secrets
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

_url = urlsplit(os.environ["QAPF_AUDIT_DATABASE_URL"])
_place = parse_qs(_url.query)
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": _url.path[1:], "USER": _url.username,
            "PASSWORD": _url.password, "HOST": _place["host"][0], "PORT": _place["port"][0], "CONN_MAX_AGE": 0,
        }
    },
    ALLOWED_HOSTS=["*"], ROOT_URLCONF="benchmarks.peers.posting_ninja", SECRET_KEY="benchmark", USE_TZ=True,
    MIDDLEWARE=[], LOGGING_CONFIG=None,
)  # fmt: skip

import django  # noqa: E402

django.setup()

from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from django.urls import path  # noqa: E402
from ninja import NinjaAPI, Schema  # noqa: E402
from pydantic import Field  # noqa: E402

from benchmarks.floors.audit_posting import DOMAINS, RANKS  # noqa: E402


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


class Activity(models.Model):
    id = models.UUIDField(primary_key=True)
    actor = models.TextField()
    action = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    unit = models.TextField()
    request_id = models.TextField()
    salt = models.BinaryField()
    digest = models.BinaryField()
    data = models.JSONField()

    class Meta:
        app_label, managed, db_table = "peer", False, "activity"


class Pending(models.Model):
    activity_id = models.UUIDField(primary_key=True)

    class Meta:
        app_label, managed, db_table = "peer", False, "activity_pending"


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


def _rank(given: str | int) -> int | None:
    return given if isinstance(given, int) else RANKS.get(given)


api = NinjaAPI(openapi_url=None)


@api.post("/v1/audits", response={201: Stored})
def add_audit(request: HttpRequest, body: AuditIn) -> tuple[int, dict[str, Any]]:
    found, now, by = uuid.uuid4(), datetime.now(UTC), "benchmark"
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
        deed = Activity.objects.create(
            id=uuid.uuid4(), actor=by, action="audit.submitted", subject_type="audit", subject_id=str(found),
            unit=body.unit, request_id=uuid.uuid4().hex, salt=secrets.token_bytes(16), digest=secrets.token_bytes(32),
            data={},
        )  # fmt: skip
        Pending.objects.create(activity_id=deed.id)
    return 201, {"id": str(found)}


@api.get("/livez")
def live(request: HttpRequest) -> dict[str, str]:
    return {}


urlpatterns = [path("", api.urls)]
app = get_asgi_application()
