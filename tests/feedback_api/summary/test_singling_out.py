"""Attempts to single out one child by filters, levels and dates: everything a caller may ask is asked and combined.

The attacker knows of every figure which records it counts, takes any sums and differences of them, and knows that
where a figure is nought there is nobody. Whatever follows from that for a group of one to five is a failure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest

from shared.clock import FixedClock
from tests.doses import dose

Make = Callable[..., dict[str, Any]]
QUARTERS = {"FY2026-27-Q1": "2026-05-14", "FY2026-27-Q2": "2026-08-14", "FY2026-27-Q3": "2026-11-14",
            "FY2026-27-Q4": "2027-02-14"}  # fmt: skip
UNITS = {
    "fs_weymouth": "family_support", "fs_portland": "family_support", "cwd_east": "children_who_are_disabled",
    "cwd_west": "children_who_are_disabled", "family_support": "family_support", "childrens_services": "",
}  # fmt: skip
GROUPS = ("child", "young_person", "practitioner")
THEMES: tuple[frozenset[str], ...] = (
    frozenset(), frozenset({"planning"}), frozenset({"neglect"}), frozenset({"planning", "neglect"}),
)  # fmt: skip


class Atom(NamedTuple):
    quarter: str
    unit: str
    group: str
    themes: frozenset[str]


ATOMS = [Atom(*one) for one in product(QUARTERS, UNITS, GROUPS, THEMES)]
# Which records a figure counts, and the figure.
Told = tuple[Callable[[Atom], bool], int]


def within(unit: str | None) -> Callable[[Atom], bool]:
    tops = {None, "childrens_services", "dorset_council"}
    return lambda one: unit in tops or unit in (one.unit, UNITS[one.unit])


def quarters(period: str) -> Callable[[Atom], bool]:
    return lambda one: one.quarter.startswith(period)


def both(*conditions: Callable[[Atom], bool]) -> Callable[[Atom], bool]:
    return lambda one: all(condition(one) for condition in conditions)


def of_unit(unit: str) -> Callable[[Atom], bool]:
    return lambda one: one.unit == unit


def of_group(*groups: str) -> Callable[[Atom], bool]:
    return lambda one: one.group in groups


def of_themes(*themes: str) -> Callable[[Atom], bool]:
    return lambda one: one.themes >= set(themes)


def themed(one: Atom) -> bool:
    return bool(one.themes)


async def told_by_summaries(client: Any, period: str) -> list[Told]:
    found: list[Told] = []
    now = quarters(period)
    asked = [("", unit, theme) for unit in (None, *UNITS) for theme in (None, "planning", "neglect")]
    for level, unit, theme in [*asked, ("&level=segment", None, None), ("&level=local_office", None, None)]:
        query = f"period={period}{level}" + (f"&unit={unit}" if unit else "") + (f"&theme={theme}" if theme else "")
        answer = (await client.get(f"/v1/summary?{query}")).json()
        scope = both(now, within(unit), of_themes(*([theme] if theme else [])))
        found.append((scope, answer["views"]))
        found += [(both(scope, of_group(one["code"])), one["count"]) for one in answer["respondent_groups"]]
        found += [(both(scope, of_themes(one["code"])), one["count"]) for one in answer["themes"]]
        counted = of_unit if not level else within
        found += [(both(scope, counted(one["code"])), one["count"]) for one in answer["units"]]
    return [one for one in found if one[1] is not None]


async def told_by_analyses(client: Any, period: str) -> list[Told]:
    found: list[Told] = []
    families = {None: GROUPS, "children_and_families": ("child", "young_person"), "staff": ("practitioner",)}
    asked = [(None, *one) for one in families.items()] + [(unit, None, GROUPS) for unit in UNITS]
    for unit, family, groups in asked:
        query = f"period={period}&of=views&level=segment&back=0"
        query += (f"&unit={unit}" if unit else "") + (f"&family={family}" if family else "")
        answer = (await client.get(f"/v1/themes/analysis?{query}")).json()
        scope = both(quarters(period), within(unit), of_group(*groups))
        total = answer["records"]["views"]
        found += [(scope, total["records"]), (both(scope, themed), total["themed"])]
        found += [(both(scope, of_themes(one["theme"])), one["counts"]["views"]) for one in answer["themes"]]
        found += [(both(scope, of_themes(*one["themes"])), one["count"]) for one in answer["pairs"]]
        for part in answer["groups"] + answer["units"]:
            of = of_group(part["code"]) if part["code"] in GROUPS else within(part["code"])
            if part["code"] != "elsewhere":
                found.append((both(scope, themed, of), part["themed"]))
                found += [(both(scope, of_themes(theme), of), count) for theme, count in part["themes"].items()]
    return [one for one in found if one[1] is not None]


def targets() -> Iterator[Callable[[Atom], bool]]:
    """Every group that a filter, a level or a date can name, alone and crossed."""
    units = [within(None), *(of_unit(unit) for unit in UNITS), within("children_who_are_disabled")]
    groups = [of_group(*GROUPS), *(of_group(group) for group in GROUPS), of_group("child", "young_person")]
    themes = [of_themes(), themed, of_themes("planning"), of_themes("neglect"), of_themes("planning", "neglect")]
    for period, unit, group, theme in product(["FY2026-27", *QUARTERS], units, groups, themes):
        yield both(quarters(period), unit, group, theme)


def derived(told: list[Told], truth: dict[Atom, int], atoms: list[Atom]) -> list[int]:
    """The small counts that follow from what was told, for one who knows that only these atoms can be."""
    nobody = {one for counts, figure in told if figure == 0 for one in atoms if counts(one)}
    left = [one for one in atoms if one not in nobody]
    known = np.array([[float(counts(one)) for one in left] for counts, figure in told if figure])
    if not known.size:
        return []
    # The projection onto what sums and differences of the told figures reach.
    _, strengths, directions = np.linalg.svd(known, full_matrices=False)
    basis = directions[strengths > 1e-9]
    found = []
    for target in targets():
        wanted = np.array([float(target(one)) for one in left])
        count = sum(truth.get(one, 0) for one in left if target(one))
        if 1 <= count <= 5 and np.abs(wanted - basis.T @ (basis @ wanted)).max() < 1e-7:
            found.append(count)
    return found


async def fill(running: Any, a_view: Make, seed: int) -> dict[Atom, int]:
    """Views of which many groups are small, on odd seeds with two themes in one record, and how many of each."""
    chance = random.Random(seed)
    most = [1, 2, 4, 9][seed]
    themes = THEMES if seed % 2 else THEMES[:3]
    atoms = [one for one in ATOMS if one.themes in themes]
    truth = {one: chance.choice([0, 0, chance.randint(1, most), chance.randint(6, 14)]) for one in atoms}
    views = [
        a_view(given_on=QUARTERS[one.quarter], unit=one.unit, respondent_group=one.group, themes=sorted(one.themes))
        for one, count in truth.items()
        for _ in range(count)
    ]
    admin = await running.client("admin")
    assert (await admin.post("/v1/views/imports", json={"items": views})).status_code == 200
    return truth


async def told_to(client: Any) -> list[Told]:
    found: list[Told] = []
    for period in (*QUARTERS, "FY2026-27"):
        found += await told_by_summaries(client, period) + await told_by_analyses(client, period)
    return found


@pytest.mark.parametrize("seed", range(dose(1, 4)))
async def test_R17_nobody_is_singled_out_by_filters_levels_and_dates(start: Any, a_view: Make, seed: int) -> None:
    running = await start("feedback", clock=FixedClock(datetime(2027, 6, 1, 9, tzinfo=UTC)))
    truth = await fill(running, a_view, seed)
    told = await told_to(await running.client("team_manager"))
    assert len([one for one in told if one[1]]) > 100
    for counts, figure in told:
        assert sum(count for one, count in truth.items() if counts(one)) == figure
        assert figure == 0 or figure > 5
    assert derived(told, truth, ATOMS) == []
    # Who also knows that nobody named two themes learns no more.
    assert derived(told, truth, list(truth)) == []


async def test_the_attack_finds_them_where_figures_are_true(start: Any, a_view: Make) -> None:
    running = await start("feedback", clock=FixedClock(datetime(2027, 6, 1, 9, tzinfo=UTC)))
    truth = await fill(running, a_view, 2)
    assert len(derived(await told_by_summaries(await running.client("analyst"), "FY2026-27-Q1"), truth, ATOMS)) > 5
