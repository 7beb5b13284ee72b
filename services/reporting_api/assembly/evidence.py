"""The questions put to the neighbours and what came back: an answer, or the reason there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from shared.schemas.board_figures import BoardFigure, UnitFigure
from shared.schemas.board_report import Source

Model = TypeVar("Model", bound=BaseModel)


class Ask(NamedTuple):
    """One question; the same question of two sections is put once."""

    service: str
    path: str
    params: tuple[tuple[str, str], ...]
    model: type[BaseModel]

    @property
    def address(self) -> str:
        return _address(self.path, self.params)

    @property
    def endpoint(self) -> tuple[str, str]:
        """What its last good answer is remembered under, whatever the period asked about."""
        return self.service, self.path


# Each section that rests on a question names it as a source, at both levels of disclosure.
@lru_cache(maxsize=256)
def _address(path: str, params: tuple[tuple[str, str], ...]) -> str:
    return f"{path}?{urlencode(params)}" if params else path


def ask(service: str, path: str, model: type[BaseModel], **params: str | None) -> Ask:
    return Ask(service, path, tuple((name, value) for name, value in params.items() if value is not None), model)


@dataclass(frozen=True)
class Got:
    data: Any
    as_of: datetime
    fetched_at: datetime
    # How long its neighbour took, as seen from here.
    seconds: float = 0.0


@dataclass(frozen=True)
class Missing:
    reason: str


class Lenient(BaseModel):
    """Read for the few fields needed here; a neighbour may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class IndicatorDisclosure(Lenient):
    people: bool = True
    published_by: str | None = None


class IndicatorTarget(Lenient):
    value: float
    tolerance: float = 0.0
    from_period: str
    to_period: str | None = None


class IndicatorEntry(Lenient):
    """What the data dictionary says of an indicator, as far as a report needs it."""

    code: str
    title: str
    measure: str
    information_type: str | None = None
    themed_area: str | None = None
    focus_area: str | None = None
    plans: tuple[str, ...] = ()
    source_family: str | None = None
    benchmarks: tuple[str, ...] = ()
    targets: tuple[IndicatorTarget, ...] = ()
    disclosure: IndicatorDisclosure = IndicatorDisclosure()


class IndicatorItem(Lenient):
    content: IndicatorEntry


class IndicatorItems(Lenient):
    items: list[IndicatorItem]


class ActionOwner(Lenient):
    role: str | None = None
    post: str | None = None


class ActionRow(Lenient):
    """An audit action as its list gives it, as far as a report shows it; whose account it is stays there."""

    id: str
    title: str
    unit: str | None = None
    owner: ActionOwner = ActionOwner()
    raised_on: date
    original_due_on: date
    due_on: date
    status: str | None = None


class ActionRows(Lenient):
    items: list[ActionRow]
    next: str | None = None


@dataclass
class Evidence:
    """All answers of one assembly."""

    answers: dict[Ask, Got | Missing] = field(default_factory=dict)
    indicators: dict[str, IndicatorEntry] = field(default_factory=dict)
    # Which question brings each indicator's series, those of the teams, and where its figure stands beside others'.
    series: dict[str, Ask] = field(default_factory=dict)
    team_series: dict[str, Ask] = field(default_factory=dict)
    positions: dict[str, Ask] = field(default_factory=dict)
    # By indicator the figure told last, beside all it was made of.
    told: dict[str, tuple[object, BoardFigure]] = field(default_factory=dict)
    # By indicator and period the figures of its teams, beside the series they were made of.
    teams: dict[tuple[str, str], tuple[object, list[UnitFigure]]] = field(default_factory=dict)

    def data(self, question: Ask) -> Any | None:
        found = self.answers.get(question)
        return found.data if isinstance(found, Got) else None

    def of_indicator(self, asks: Mapping[str, Ask], code: str) -> Any | None:
        """What the answer to an indicator's question says of that very indicator."""
        question = asks.get(code)
        found = self.data(question) if question else None
        return next((one for one in found.items if one.indicator == code), None) if found else None

    def source(self, question: Ask, readings: dict[tuple[str, str], datetime | None]) -> Source:
        """Where it came from, or why not, with what is known of the last good answer."""
        found = self.answers.get(question, Missing("not_asked"))
        if isinstance(found, Got):
            return Source(
                service=question.service, path=question.address, fetched_at=found.fetched_at, as_of=found.as_of,
                availability="available",
            )  # fmt: skip
        return Source(
            service=question.service, path=question.address, fetched_at=None,
            as_of=readings.get(question.endpoint), availability="unavailable", reason=found.reason,
        )  # fmt: skip
