"""What the Django Ninja peers share: settings, the activity's tables, and who calls."""

from __future__ import annotations

import os
import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

_ADDRESS = re.compile("QAPF_(AUDIT|FEEDBACK|INDICATOR)_DATABASE_URL")
_address = next(os.environ[name] for name in os.environ if _ADDRESS.fullmatch(name))
_url = urlsplit(_address)
_place = parse_qs(_url.query)
# Only where requests share a thread: a connection belongs to the thread that opened it.
_KEPT = None if os.environ.get("PEER_KEEPS_CONNECTION") else 0
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": _url.path[1:], "USER": _url.username,
            "PASSWORD": _url.password, "HOST": _place["host"][0], "PORT": _place["port"][0], "CONN_MAX_AGE": _KEPT,
        }
    },
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=os.environ["PEER_URLS"], SECRET_KEY="benchmark", USE_TZ=True,
    MIDDLEWARE=[], DATA_UPLOAD_MAX_MEMORY_SIZE=None, LOGGING_CONFIG=None,
)  # fmt: skip

import django  # noqa: E402

django.setup()

from django.db import connection, models  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from ninja import NinjaAPI  # noqa: E402
from ninja.security import HttpBearer  # noqa: E402

from benchmarks.peers.judging import Refused, caller_of  # noqa: E402


class Activity(models.Model):
    id = models.UUIDField(primary_key=True)
    actor = models.TextField()
    action = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    unit = models.TextField(null=True)
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


class Bearer(HttpBearer):
    """The token verified, and the scope held."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self._scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> str:
        return caller_of(token, self._scope)


def asked(text: str, *values: Any) -> list[Any]:
    """The rows of a statement written for the other driver."""
    for place in range(len(values), 0, -1):
        text = text.replace(f"${place}", f"%(p{place})s")
    with connection.cursor() as cursor:
        cursor.execute(text, {f"p{place}": value for place, value in enumerate(values, 1)})
        return cursor.fetchall()


def record_deed(
    by: str, action: str, kind: str, subject: str, unit: str | None, data: Mapping[str, Any] | None = None
) -> None:
    """The activity's two rows."""
    deed = Activity.objects.create(
        id=uuid.uuid4(), actor=by, action=action, subject_type=kind, subject_id=subject, unit=unit,
        request_id=uuid.uuid4().hex, salt=secrets.token_bytes(16), digest=secrets.token_bytes(32), data=data or {},
    )  # fmt: skip
    Pending.objects.create(activity_id=deed.id)


api = NinjaAPI(openapi_url=None)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> Any:
    return api.create_response(request, {"status": error.status}, status=error.status)


@api.get("/livez")
def live(request: HttpRequest) -> dict[str, str]:
    return {}
