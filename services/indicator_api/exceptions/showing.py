"""Filters, orders and writes exceptions out, each with its answer and how long it has stood without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic_core import to_json

from services.indicator_api.exceptions.answering import Answered, holding, may_answer, may_read, shown, unanswered_days
from services.indicator_api.exceptions.listing import Entry, Listing
from services.indicator_api.exceptions.rows import TRIGGERS
from services.indicator_api.exceptions.storing import Sign
from shared.auth.caller import Caller
from shared.paging import Cursor, cut_page
from shared.schemas.exceptions import Status, Trigger
from shared.schemas.figures import ThemedArea

_THEMES = [area.value for area in ThemedArea]
_STANDING = ("new", "standing")


@dataclass(frozen=True)
class Filter:
    """Which exceptions are wanted; an empty list or None leaves a filter open."""

    triggers: Sequence[Trigger] = ()
    indicators: Sequence[str] = ()
    themed_areas: Sequence[ThemedArea] = ()
    favourable: bool | None = None
    statuses: Sequence[Status] = ()
    answered: bool | None = None


class Showing:
    """A listing as one caller gets it on one day."""

    def __init__(
        self,
        caller: Caller,
        listing: Listing,
        answers: Mapping[Sign, Answered],
        today: date,
        wanted: Filter,
        *,
        past: bool = False,
    ) -> None:
        self._caller, self._answers, self._today = caller, answers, today
        self._definitions, self._tells_since = listing.definitions, listing.tells_since
        # What stood once is answered where it stands now.
        self._past = past
        self._allowed: dict[str, bool] = {}
        self._entries = sorted(filter(self._passes(wanted), listing.entries), key=self._key)
        self._with_resolved = "resolved" in (wanted.statuses or ("resolved",)) and wanted.answered is None

    def page(self, at: Cursor) -> tuple[list[bytes], str | None]:
        """The rows of what stands, and the cursor of the next page."""
        standing = [one for one in self._entries if one.status in _STANDING]
        if at.after is not None:
            standing = [one for one in standing if self._key(one) > at.after]
        page, following = cut_page(standing[: at.fetch], at, self._key)
        return [self.written(one) for one in page], following

    def resolved(self) -> list[bytes]:
        if not self._with_resolved:
            return []
        return [self.written(one) for one in self._entries if one.status == "resolved"]

    def written(self, one: Entry) -> bytes:
        """A row in JSON, with what depends on the caller and the day."""
        definition, last = self._definitions[one.indicator], self._answers.get(one[:4])
        over = one.status == "resolved"
        held = None if over else holding(last, one.raised, self._today)
        since = one.raised if self._tells_since(one) else None
        if definition.code not in self._allowed:
            self._allowed[definition.code] = not self._past and may_answer(self._caller, definition)
        told = {
            "raised_at": since.at if since else None,
            "first_raised_period": since.period if since else None,
            "unanswered_days": None if held or over else unanswered_days(last, since, self._today),
            "answered": shown(held, readable=may_read(self._caller, definition)) if held else None,
            "allowed_actions": ["answer"] if self._allowed[definition.code] and not over else [],
        }
        return one.text[:-1].encode() + b"," + to_json(told)[1:]

    def _key(self, one: Entry) -> tuple[str, int, str, int]:
        """By place, then themed area, indicator and trigger."""
        theme = _THEMES.index(self._definitions[one.indicator].content["themed_area"])
        return one.area, theme, one.indicator, TRIGGERS.index(one.trigger)

    def _passes(self, wanted: Filter) -> Callable[[Entry], bool]:
        def passes(one: Entry) -> bool:
            return (
                (not wanted.triggers or one.trigger in wanted.triggers)
                and (not wanted.indicators or one.indicator in wanted.indicators)
                and (not wanted.themed_areas or self._theme(one) in wanted.themed_areas)
                and (wanted.favourable is None or one.favourable is wanted.favourable)
                and (not wanted.statuses or one.status in wanted.statuses)
                and (wanted.answered is None or self._is_answered(one) is wanted.answered)
            )

        return passes

    def _theme(self, one: Entry) -> str:
        return str(self._definitions[one.indicator].content["themed_area"])

    def _is_answered(self, one: Entry) -> bool:
        return holding(self._answers.get(one[:4]), one.raised, self._today) is not None
