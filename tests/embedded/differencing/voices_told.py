"""Everything that may be asked of voices, over every filter, level and period, and which records each answer counts."""

from __future__ import annotations

from typing import Any

from tests.door import Door
from tests.doses import dose
from tests.embedded.differencing.knowledge import Knowledge
from tests.embedded.differencing.voices import (
    CHANNELS,
    FAMILIES,
    FEELINGS,
    GROUPS,
    OUTCOMES,
    PERIODS,
    QUARTERS,
    RATINGS,
    SAID,
    UNITS,
    Complaint,
    Compliment,
    Said,
    View,
    about,
    by,
    during,
    of,
    themed,
    within,
)

KINDS = {"views": View, "complaints": Complaint, "compliments": Compliment}
NAMED = ("planning", "neglect")


class Asker:
    """One caller who asks everything and keeps each answer."""

    def __init__(self, door: Door, known: Knowledge, unit: str | None) -> None:
        self.door, self.known, self.unit = door, known, unit
        self.answers: dict[str, Any] = {}
        self.asked = 0

    async def ask(self, path: str) -> Any:
        """The answer, or None where it is refused."""
        self.asked += 1
        answer = await self.door.get(path)
        assert answer.status_code in (200, 403, 404, 422), (path, answer.text)
        if answer.status_code != 200:
            return None
        self.answers[path] = answer.json()
        return self.answers[path]


def hold_together(known: Knowledge) -> None:
    """What every reader knows without being told: each view has one feeling, one channel and one rating or none."""
    for quarter in QUARTERS:
        views = dict.fromkeys(of(View, during(quarter)), 1.0)
        for what, values in SAID.items():
            said = {Said(what, quarter, value): -1.0 for value in values}
            known.bounds(f"each view has one {what}", views | said, 0, 0)


async def ask_plainly(asker: Asker) -> None:
    """What a caller asks who looks at nothing but the quarters of the whole council."""
    for period in QUARTERS:
        hear_summary(asker.known, await asker.ask(f"/feedback/v1/summary?period={period}"), period, None, None)


async def ask_summaries(asker: Asker) -> None:
    for period in PERIODS:
        for unit in (None, *UNITS):
            for theme in (None, *NAMED) if period in QUARTERS else (None,):
                narrow = (f"&unit={unit}" if unit else "") + (f"&theme={theme}" if theme else "")
                answer = await asker.ask(f"/feedback/v1/summary?period={period}{narrow}")
                if answer is not None:
                    hear_summary(asker.known, answer, period, unit or asker.unit, theme)
        for level in ("segment", "local_office"):
            answer = await asker.ask(f"/feedback/v1/summary?period={period}&level={level}")
            _hear_units(asker.known, answer, period, asker.unit, within)


def hear_summary(known: Knowledge, answer: Any, period: str, unit: str | None, theme: str | None) -> None:
    name, here = f"{period} {unit} {theme}", (during(period), within(unit), about(*([theme] if theme else [])))
    known.hear(f"views {name}", of(View, *here), answer["views"])
    known.hear(f"compliments {name}", of(Compliment, *here), answer["compliments"])
    known.hear(f"complaints {name}", of(Complaint, *here), answer["complaints"]["received"])
    if theme is None:
        for one in answer["themes"]:
            known.hear(f"views {name} {one['code']}", of(View, *here, about(one["code"])), one["count"])
        _hear_units(known, answer, period, unit, lambda code: lambda one: one.unit == code)
    if unit is None and theme is None:
        for one in answer["respondent_groups"]:
            known.hear(f"views {name} {one['code']}", of(View, *here, by(one["code"])), one["count"])
        _hear_said(known, answer, period)
        _hear_complaints(known, answer["complaints"], period)


def _hear_units(known: Knowledge, answer: Any, period: str, unit: str | None, which: Any) -> None:
    for one in answer["units"]:
        atoms = of(View, during(period), within(unit), which(one["code"]))
        known.hear(f"views {period} of {one['code']}", atoms, one["count"])


def _said(what: str, period: str, *values: Any) -> list[Said]:
    return [Said(what, quarter, value) for quarter in QUARTERS if quarter.startswith(period) for value in values]


def _hear_said(known: Knowledge, answer: Any, period: str) -> None:
    for one in FEELINGS:
        known.hear(f"felt {one} in {period}", _said("felt", period, one), answer["sentiment"][one])
    channels = {one["code"]: one["count"] for one in answer["channels"]}
    for one in CHANNELS:
        known.hear(f"{one} in {period}", _said("channel", period, one), channels[one])
    rated, mean = _said("rating", period, *RATINGS[:-1]), answer["rating"]["mean"]
    known.hear(f"rated in {period}", rated, answer["rating"]["given"])
    for one in RATINGS:
        known.hear(f"rated {one} in {period}", _said("rating", period, one), None)
    if mean is not None and answer["rating"]["given"]:
        # Of a year the mean of means that were rounded.
        reach = 0.005 if period in QUARTERS else 0.01
        for least, factor in ((True, mean - reach), (False, mean + reach)):
            factors = {one: (one.value - factor) * (1 if least else -1) for one in rated}
            known.bounds(f"mean of {period}", factors, 0, 1e6)


def _hear_complaints(known: Knowledge, told: Any, period: str) -> None:
    def named(what: str, figure: int | None, *conditions: Any) -> None:
        known.hear(f"{what} of {period}", of(Complaint, *conditions), figure)

    now = during(period)
    for outcome in OUTCOMES:
        named(outcome, told["outcomes"][outcome], now, lambda one, outcome=outcome: one.state == outcome)
    named("open", told["open"], now, lambda one: one.state == "open")
    first = min((code for code in QUARTERS if code.startswith(period)), key=list(QUARTERS).index)
    earlier = [*QUARTERS][: [*QUARTERS].index(first)]
    before = (lambda one: one.quarter in earlier, lambda one: one.state == "open")
    named("open earlier", told["open_earlier"], *before)
    # Whether somebody is late is not known; that whoever is late is open is.
    if told["overdue"] is not None:
        running = [*of(Complaint, *before), *of(Complaint, now, lambda one: one.state == "open")]
        known.bounds(f"overdue of {period}", dict.fromkeys(running, 1.0), told["overdue"], 1e6)
    upheld = ("upheld", "partially_upheld")
    named("learning missing", told["learning_missing"], now, lambda one: one.state in upheld and not one.learned)
    for one in told["stages"]:
        here = (now, lambda record, code=one["procedure"]: record.procedure == code)
        still, over = (lambda record: record.state == "open"), (lambda record: record.state != "open")
        named(f"{one['procedure']} open", one["open"], *here, still)
        named(f"{one['procedure']} closed", one["closed"], *here, over)
        # Every one of these is late while it is open, and was answered in time where it was.
        if one["within_statutory"] is not None:
            answered = of(Complaint, *here)
            known.bounds("answered", dict.fromkeys(answered, 1.0), one["within_statutory"], 1e6)


async def ask_analyses(asker: Asker) -> None:
    for period in QUARTERS:
        for kind in (*KINDS, "together"):
            for unit, family in ((None, None), *((one, None) for one in UNITS), *((None, one) for one in FAMILIES)):
                await _ask_analysis(asker, period, kind, unit, family)
    for kind in (*KINDS, "together"):
        await _ask_analysis(asker, PERIODS[-1], kind, None, None)


async def _ask_analysis(asker: Asker, period: str, kind: str, unit: str | None, family: str | None) -> None:
    narrow = (f"&unit={unit}" if unit else "") + (f"&family={family}" if family else "")
    path = f"/feedback/v1/themes/analysis?period={period}&of={kind}&level=segment&back=0{narrow}"
    if (answer := await asker.ask(path)) is not None:
        _hear_analysis(asker.known, answer, period, kind, unit or asker.unit, family)


def _hear_analysis(known: Knowledge, answer: Any, period: str, kind: str, unit: str | None, family: str | None) -> None:
    def counted(name: str, *conditions: Any, groups: tuple[str, ...] | None = None) -> list[Any]:
        """Records of a kind, or of every kind; of a family or a group views alone are known."""
        kinds = KINDS.values() if name == "together" else [KINDS[name]]
        asked = groups or (None if family is None else FAMILIES[family])
        if asked is not None and name != "views":
            return []
        narrow = [] if asked is None else [by(*asked)]
        return [one for each in kinds for one in of(each, during(period), within(unit), *conditions, *narrow)]

    def hear(what: str, figure: int | None, atoms: list[Any]) -> None:
        if atoms:
            known.hear(f"{what} {period} {unit} {family}", atoms, figure)

    for name, one in answer["records"].items():
        hear(f"{name}", one["records"], counted(name))
        hear(f"{name} themed", one["themed"], counted(name, themed))
    for one in answer["themes"]:
        for name, figure in one["counts"].items():
            hear(f"{name} on {one['theme']}", figure, counted(name, about(one["theme"])))
    for one in answer["pairs"]:
        hear(f"{kind} on {one['themes']}", one["count"], counted(kind, about(*one["themes"])))
    for part in answer["groups"] + answer["units"]:
        groups = (part["code"],) if part["code"] in GROUPS else None
        here = [] if groups else [within(part["code"])]
        if part["code"] in ("elsewhere", "not_given") or (groups and kind != "views"):
            continue
        hear(f"{kind} themed of {part['code']}", part["themed"], counted(kind, themed, *here, groups=groups))
        for theme, figure in part["themes"].items():
            atoms = counted(kind, about(theme), *here, groups=groups)
            hear(f"{kind} on {theme} of {part['code']}", figure, atoms)


async def ask_triangulation(asker: Asker) -> None:
    for period in [*QUARTERS][: dose(1, 3)]:
        for unit in (None, "family_support", "cwd_east"):
            narrow = f"&unit={unit}" if unit else ""
            for theme in NAMED:
                path = f"/reporting/v1/triangulation?theme={theme}&period={period}{narrow}"
                if (answer := await asker.ask(path)) is not None:
                    _hear_voices(asker.known, answer, (during(period), within(unit or asker.unit), about(theme)))


def _hear_voices(known: Knowledge, answer: Any, here: Any) -> None:
    families = {"families": "children_and_families", "staff": "staff"}
    for voice in answer["voices"]:
        for line in voice["evidence"]:
            if line["kind"] == "views" and line["title"] == "Views on the theme" and voice["voice"] in families:
                atoms = of(View, *here, by(*FAMILIES[families[voice["voice"]]]))
                known.hear(f"triangulated {voice['voice']}", atoms, line["value"])
            elif line["kind"] in ("complaints", "compliments"):
                known.hear(f"triangulated {line['kind']}", of(KINDS[line["kind"]], *here), line["value"])


async def ask_teams(asker: Asker) -> None:
    for period in [*QUARTERS][: dose(1, 3)]:
        for unit in UNITS:
            path = f"/reporting/v1/teams/{unit}/impact-summary?period={period}"
            if (answer := await asker.ask(path)) is None:
                continue
            (part,) = [one for one in answer["parts"] if one["part"] == "feedback"]
            lines = {one["title"].lower(): one["value"] for one in part["lines"] if one["kind"] == "count"}
            for name, kind in KINDS.items():
                known = of(kind, during(period), within(unit))
                asker.known.hear(f"impact {name} {period} {unit}", known, lines.get(name))


EVERYTHING = (ask_summaries, ask_analyses, ask_triangulation, ask_teams)
