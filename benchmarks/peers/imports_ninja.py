"""The same imports by Django Ninja: Django's ORM over psycopg, pydantic schemas, `bulk_create(update_conflicts)`.

Written as a competent user would: the list is validated in one pass, the dictionary is remembered, what stands is read
once per chunk, and only rows that are new or differ are stored, with their past beside them; a replay writes no figure.
The token is verified, rows of a chunk that contradict each other are refused, doubtful ones told of, and the import and
its deed are kept. It reads the body whole and fewer spellings of a number or symbol, and derives no value.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple

from benchmarks.peers.django_posting import Bearer, api, record_deed  # isort: skip

from django.core.handlers.asgi import ASGIHandler
from django.db import transaction
from django.urls import path
from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from benchmarks.peers.django_tables import KEY, FrameworkItem, Observation, ObservationHistory, ObservationImport

FIGURE = ("numerator", "denominator", "value", "value_status", "source_ref")
COLUMNS = [column.name for column in Observation._meta.concrete_fields]
CHUNK = 5_000
ZERO, HUNDRED, MOST = Decimal(0), Decimal(100), Decimal(10**13)
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
Entries = list[dict[str, Any]]
Key = tuple[str, str, str, str]
Range = tuple[Decimal, Decimal]


class Rule(NamedTuple):
    """What an indicator asks of its figures."""

    period: re.Pattern[str]
    dimensions: Mapping[str, frozenset[str]]
    possible: Range
    expected: Range
    share: bool
    version: int


@lru_cache(maxsize=1)
def dictionary() -> tuple[dict[str, Rule], frozenset[str]]:
    """The indicators and the areas there are."""
    codes: dict[str, set[str]] = {}
    for kind, code in FrameworkItem.objects.filter(kind__in=("areas", "units", "agencies")).values_list("kind", "code"):
        codes.setdefault(kind, set()).add(code)
    indicators = FrameworkItem.objects.filter(kind="indicators").values_list("code", "content")
    return {code: rule_of(content, codes) for code, content in indicators}, frozenset(codes["areas"] | codes["units"])


def rule_of(content: Mapping[str, Any], codes: Mapping[str, set[str]]) -> Rule:
    quality, measure = content["quality_rule"] or {}, content["measure"]
    least, most = (None if (bound := quality.get(name)) is None else Decimal(bound) for name in ("minimum", "maximum"))
    lowest, highest = {"percentage": (ZERO, HUNDRED), "count": (ZERO, MOST), "rate": (ZERO, MOST)}.get(
        measure, (-MOST, MOST)
    )
    dimensions = {
        one["code"]: frozenset(one["values"] or codes[one["values_from"]]) for one in content.get("dimensions", ())
    }
    return Rule(
        re.compile(_KINDS[content["period_kind"]]), dimensions,
        (min(lowest, least or ZERO), max(highest, most or ZERO)),
        (lowest if least is None else least, highest if most is None else most),
        measure == "percentage", content["version"],
    )  # fmt: skip


def faults(figure: Figure) -> Iterator[tuple[str, str]]:
    """What is wrong with a figure by the dictionary: column and code."""
    rules, areas = dictionary()
    rule = rules.get(figure.indicator)
    if figure.area not in areas:
        yield "area", "unknown_area"
    if rule is None:
        yield "indicator", "unknown_indicator"
        return
    if not rule.period.fullmatch(figure.period):
        yield "period", "period_kind"
    elif int(re.search(r"\d{4}", figure.period)[0]) > date.today().year:  # type: ignore[index]
        yield "period", "period_not_begun"
    if rule.dimensions and figure.breakdown:
        for part in figure.breakdown.split(";"):
            name, _, value = part.partition("=")
            if value not in rule.dimensions.get(name, ()):
                yield "breakdown", "unknown_dimension"
    if (figure.value is None) != (figure.value_status in ("c", "z", "x")):
        yield "value", "value_or_status"
    if figure.value is not None and not rule.possible[0] <= figure.value <= rule.possible[1]:
        yield "value", "impossible"
    if rule.share and figure.numerator and figure.denominator and figure.numerator > figure.denominator:
        yield "numerator", "numerator_over_denominator"


class Rows:
    """The rows of one import as they are checked, chunk by chunk."""

    def __init__(self) -> None:
        self.count = self.good = 0
        self.errors: Entries = []
        self.warnings: Entries = []

    def check(self, rows: list[dict[str, Any]]) -> dict[Key, Figure]:
        """The figures of a chunk's good rows."""
        first, bad = self.count + 1, set()
        try:
            found = Figures.validate_python(rows)
        except ValidationError as error:
            for one in error.errors(include_input=False, include_url=False):
                bad.add(int(one["loc"][0]))
                self._tell(self.errors, first + int(one["loc"][0]), str(one["loc"][1]), one["type"])
            found = Figures.validate_python([row for at, row in enumerate(rows) if at not in bad])
        rules, _ = dictionary()
        good: dict[Key, Figure] = {}
        for at, figure in zip((at for at in range(len(rows)) if at not in bad), found, strict=True):
            wrong = list(faults(figure))
            key = (figure.indicator, figure.area, figure.period, figure.breakdown or "")
            earlier = good.get(key)
            if earlier is not None and earlier != figure:
                wrong.append(("", "contradicts_row"))
            for column, code in wrong:
                self._tell(self.errors, first + at, column, code)
            if not wrong:
                good[key] = figure
                self.good += 1
                lowest, highest = rules[figure.indicator].expected
                if figure.value is not None and not lowest <= figure.value <= highest:
                    self._tell(self.warnings, first + at, "value", "implausible")
        self.count += len(rows)
        return good

    @staticmethod
    def _tell(entries: Entries, row: int, column: str, code: str) -> None:
        if len(entries) < 1_000:
            entries.append({"row": row, "column": column, "code": code})


def store(given: Mapping[Key, Figure], import_id: uuid.UUID, now: datetime) -> tuple[int, int]:
    """How many were created and changed."""
    rules, _ = dictionary()
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
                definition_version=rules[figure.indicator].version, revision=old["revision"] + 1 if old else 1,
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


@api.post("/v1/observations/imports", auth=Bearer("indicator:write"))
def import_figures(request: Any) -> dict[str, Any]:
    kind = "csv" if request.content_type == "text/csv" else "json"
    if kind == "csv":
        given: Iterable[dict[str, Any]] = csv.DictReader(io.StringIO(request.body.decode()))
    else:
        given = Body.validate_json(request.body)["items"]
    import_id, now, rows = uuid.uuid4(), datetime.now(UTC), Rows()
    created = changed = 0
    with transaction.atomic():
        for chunk in chunks(given):
            one = store(rows.check(chunk), import_id, now)
            created, changed = created + one[0], changed + one[1]
        counts = {
            "rows": rows.count, "created": created, "changed": changed, "unchanged": rows.good - created - changed,
            "rejected": rows.count - rows.good,
        }  # fmt: skip
        report = {"errors": rows.errors, "warnings": rows.warnings}
        ObservationImport.objects.create(
            id=import_id, kind=kind, mode="partial", provisional=False, recorded_by=request.auth, recorded_at=now,
            body_hash=hashlib.sha256(request.body).digest(), report=report, **counts,
        )  # fmt: skip
        record_deed(request.auth, "observations.imported", "observation_import", str(import_id), None, counts)
    return {"id": str(import_id), **counts, "replayed": rows.count == counts["unchanged"], **report}


Body = TypeAdapter(dict[Literal["items"], list[dict[str, Any]]])


class OneThread(ASGIHandler):
    """Django's own gives each request a thread, and with it a new connection; here both are kept."""

    async def __call__(self, scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        await self.handle(scope, receive, send)


urlpatterns = [path("", api.urls)]
application = OneThread()
