"""The same imports by Django Ninja: Django's ORM over psycopg, pydantic schemas, `bulk_create(update_conflicts)`.

Written as a competent user would: the list is validated in one pass, the dictionary is remembered, what stands is read
once per chunk, and only rows that are new or differ are stored, with their past beside them; a replay writes nothing.
"""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Literal

from benchmarks.peers.django_tables import KEY, FrameworkItem, Observation, ObservationHistory, ObservationImport

# isort: split
# Ninja wants Django's settings where it is imported.
from django.core.asgi import get_asgi_application
from django.db import transaction
from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

FIGURE = ("numerator", "denominator", "value", "value_status", "source_ref")
COLUMNS = [column.name for column in Observation._meta.concrete_fields]
CHUNK = 5_000
_KINDS = {
    "month": r"\d{4}-\d{2}", "calendar_year": r"CY\d{4}", "financial_year": r"FY\d{4}-\d{2}",
    "financial_quarter": r"FY\d{4}-\d{2}-Q[1-4]", "reporting_year": r"RY\d{4}", "academic_year": r"AY\d{4}-\d{2}",
    "term": r"AY\d{4}-\d{2}-T[1-3]", "half_term": r"AY\d{4}-\d{2}-HT[1-6]",
}  # fmt: skip


def _blank(value: Any) -> Any:
    return None if value == "" else value


Blank = BeforeValidator(_blank)
Bounded = Annotated[Decimal, Field(ge=-9_999_999_999_999, le=9_999_999_999_999)]
Number = Annotated[Bounded | None, Blank]
Text = Annotated[Annotated[str, Field(max_length=200)] | None, Blank]


class Figure(BaseModel):
    indicator: str = Field(max_length=80)
    area: str = Field(max_length=80)
    period: str = Field(max_length=20)
    breakdown: Text = None
    numerator: Number = None
    denominator: Number = None
    value: Number = None
    value_status: Annotated[Literal["c", "z", "x", "k", "u"] | None, Blank] = None
    source_ref: Text = None


Figures = TypeAdapter(list[Figure])
api = NinjaAPI(openapi_url=None)


@lru_cache(maxsize=1)
def dictionary() -> tuple[dict[str, tuple[Any, ...]], frozenset[str]]:
    """What each indicator asks of its figures, and the areas there are."""
    rules = {}
    for code, content in FrameworkItem.objects.filter(kind="indicators").values_list("code", "content"):
        quality = content["quality_rule"] or {}
        least, most = quality.get("minimum"), quality.get("maximum")
        least, most = -1e13 if least is None else least, 1e13 if most is None else most
        pattern = re.compile(_KINDS[content["period_kind"]])
        rules[code] = (pattern, least, most, content["measure"] == "percentage", content["version"])
    return rules, frozenset(FrameworkItem.objects.filter(kind="areas").values_list("code", flat=True))


def faults(figure: Figure) -> Iterator[tuple[str, str]]:
    """What is wrong with a figure by the dictionary: column and code."""
    rules, areas = dictionary()
    rule = rules.get(figure.indicator)
    if figure.area not in areas:
        yield "area", "unknown_area"
    if rule is None:
        yield "indicator", "unknown_indicator"
        return
    pattern, least, most, share, _ = rule
    if not pattern.fullmatch(figure.period):
        yield "period", "period_kind"
    elif int(re.search(r"\d{4}", figure.period)[0]) > date.today().year:  # type: ignore[index]
        yield "period", "period_not_begun"
    if (figure.value is None) != (figure.value_status in ("c", "z", "x")):
        yield "value", "value_or_status"
    if figure.value is not None and not least <= figure.value <= most:
        yield "value", "impossible"
    if share and figure.numerator and figure.denominator and figure.numerator > figure.denominator:
        yield "numerator", "numerator_over_denominator"


def checked(rows: list[dict[str, Any]], first: int, errors: list[dict[str, Any]]) -> list[Figure]:
    """The good rows of a chunk."""
    bad: set[int] = set()
    try:
        found = Figures.validate_python(rows)
    except ValidationError as error:
        for one in error.errors(include_input=False, include_url=False):
            bad.add(int(one["loc"][0]))
            errors.append({"row": first + int(one["loc"][0]), "column": str(one["loc"][1]), "code": one["type"]})
        found = Figures.validate_python([row for at, row in enumerate(rows) if at not in bad])
    good = []
    for at, figure in enumerate(found):
        wrong = list(faults(figure))
        errors += [{"row": first + at, "column": column, "code": code} for column, code in wrong]
        if not wrong:
            good.append(figure)
    return good


def store(figures: list[Figure], import_id: uuid.UUID, now: datetime) -> tuple[int, int]:
    """How many were created and changed."""
    rules, _ = dictionary()
    given = {tuple(getattr(figure, name) or "" for name in KEY): figure for figure in figures}
    stand = Observation.objects.filter(**{f"{name}__in": {key[at] for key in given} for at, name in enumerate(KEY)})
    known = {tuple(row[name] for name in KEY): row for row in stand.values(*COLUMNS)}
    rows, past = [], []
    for key, figure in given.items():
        new, old = {name: getattr(figure, name) for name in FIGURE}, known.get(key)
        if old is not None:
            if all(old[name] == new[name] for name in FIGURE):
                continue
            past.append(ObservationHistory(**old, superseded_at=now, superseded_by=import_id))
        rows.append(
            Observation(
                **dict(zip(KEY, key, strict=True)), **new, provisional=False, revised=old is not None,
                definition_version=rules[figure.indicator][-1], revision=old["revision"] + 1 if old else 1,
                import_id=import_id, recorded_at=now,
            )
        )  # fmt: skip
    ObservationHistory.objects.bulk_create(past, batch_size=1_000)
    Observation.objects.bulk_create(
        rows, batch_size=1_000, update_conflicts=True, unique_fields=KEY,
        update_fields=(*FIGURE, "revised", "definition_version", "revision", "import_id", "recorded_at"),
    )  # fmt: skip
    return len(rows) - len(past), len(past)


def chunks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(rows)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@api.post("/v1/observations/imports")
def import_figures(request: HttpRequest) -> dict[str, Any]:
    if request.content_type == "text/csv":
        rows: Iterable[dict[str, Any]] = csv.DictReader(io.StringIO(request.body.decode()))
    else:
        rows = Body.validate_json(request.body)["items"]
    import_id, now = uuid.uuid4(), datetime.now(UTC)
    errors: list[dict[str, Any]] = []
    count = created = changed = good = 0
    with transaction.atomic():
        for chunk in chunks(rows):
            figures = checked(chunk, count + 1, errors)
            count, good = count + len(chunk), good + len(figures)
            one = store(figures, import_id, now)
            created, changed = created + one[0], changed + one[1]
        counts = {
            "rows": count, "created": created, "changed": changed, "unchanged": good - created - changed,
            "rejected": count - good,
        }  # fmt: skip
        ObservationImport.objects.create(
            id=import_id, kind="csv" if request.content_type == "text/csv" else "json", mode="partial",
            provisional=False, body_hash=b"", report={"errors": errors[:1000]}, recorded_by="peer", recorded_at=now,
            **counts,
        )  # fmt: skip
    return {"id": str(import_id), **counts, "errors": errors[:1000]}


Body = TypeAdapter(dict[Literal["items"], list[dict[str, Any]]])


@api.get("/livez")
def livez(request: HttpRequest) -> dict[str, str]:
    return {}


urlpatterns = [path("", api.urls)]
application = get_asgi_application()
