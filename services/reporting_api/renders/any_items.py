"""A table of rows of any type, by the fields their schema has: nothing that a report holds is left out of its forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.reporting_api.renders.blocks import DASH, Block, Cell, Column, Heading, Table
from services.reporting_api.renders.wording import day_words, moment_words, plain

# What names a row, in the order of how well it does.
_NAMES = ("title", "name", "text", "label", "sentence")
# Machine words that have a twin in words beside them, and what only machines read.
_TWINS = ("_label", "_name", "_title", "_words", "_display")
_UNREAD = frozenset({"type", "key", "id", "url", "href"})
# Codes of what the row's own title or name says.
_NAMED = frozenset({"indicator", "provider", "contributor", "report", "code"})
_ACROSS = 6
_LONG = 40
_CAPTIONS = {
    "focus": "What Heads of Service ask the board to look at",
    "provider": "Schools and settings in a register of concern",
    "reviews": "Reviews that were owed, and held",
    "restatement": "Figures this board has seen that now read otherwise",
    "body_actions": "Actions that bodies still wait for",
    "recurrence": "Themes that come back",
    "learning": "What was learned and passed on",
    "challenge": "Challenges of partnership boards",
    "owed_learning": "Upheld complaints whose learning is still owed",
    "survey_result": "What surveys answered",
    "past_action": "Key actions of the report before",
    "ground": "What a key action may rest on",
    "contributed_figure": "Figures that contributors sent",
    "contributed_text": "What contributors wrote",
}


def any_table(rows: Sequence[BaseModel], caption: str | None = None) -> list[Block]:
    """Grouped where the rows are; as many columns as can be read, the rest below the first."""
    groups: dict[str | None, list[BaseModel]] = {}
    for one in rows:
        groups.setdefault(getattr(one, "group_label", None), []).append(one)
    kind = str(getattr(rows[0], "type", "row"))
    words = caption or _CAPTIONS.get(kind) or plain(kind)
    found: list[Block] = []
    for group, run in groups.items():
        found += [Heading(group)] if group and len(groups) > 1 else []
        found.append(_table(f"{words}: {group}" if group else words, run))
    return found


def _table(caption: str, rows: Sequence[BaseModel]) -> Table:
    fields = [name for name in _fields(rows[0]) if any(words(getattr(one, name)) != DASH for one in rows)]
    first = next(
        (name for name in _NAMES if name in fields), next((n for n in fields if n.endswith(_TWINS)), fields[0])
    )
    others = sorted((name for name in fields if name != first), key=lambda name: _is_long(rows, name))
    across, below = others[:_ACROSS], others[_ACROSS:]
    columns = [Column(title(first), share=2.5 if _is_long(rows, first) else 1.8)]
    columns += [Column(title(name), _is_number(rows, name), 2.0 if _is_long(rows, name) else None) for name in across]
    cells = [
        [
            Cell(words(getattr(one, first)), [_said(one, name) for name in below if words(getattr(one, name)) != DASH]),
            *(Cell(words(getattr(one, name))) for name in across),
        ]
        for one in rows
    ]
    return Table(caption, columns, cells)


def _said(one: BaseModel, name: str) -> str:
    return f"{title(name)}: {words(getattr(one, name))}"


def _fields(row: BaseModel) -> list[str]:
    """The fields to be read: of a code and its words the words, of a value and its display the display."""
    names = list(type(row).model_fields)
    stems = {name.removesuffix(end) for name in names for end in _TWINS if name.endswith(end)}
    twins = stems | {f"{stem}_code" for stem in stems}
    if "group_label" in names:
        twins |= {"group", "group_label"}
    if "title" in names or "name" in names:
        twins |= _NAMED
    if "display" in names:
        twins |= {"value", "value_status"}
    kept = [name for name in names if name not in twins | _UNREAD and not name.endswith(("_hash", "_id"))]
    return kept or names


def title(name: str) -> str:
    """A field's name as a heading: `due_on` as "Due", `unit_name` as "Unit"."""
    bare = name
    for end in (*_TWINS, "_on", "_at"):
        bare = bare.removesuffix(end)
    return plain(bare or name)


def words(value: Any) -> str:
    """A value as a reader has it."""
    match value:
        case None | "" | [] | {}:
            return DASH
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return moment_words(value)
        case date():
            return day_words(value)
        case float():
            return f"{value:,.10g}"
        case int():
            return f"{value:,}"
        case BaseModel():
            return _model(value)
        case dict():
            return "; ".join(f"{plain(str(key))}: {words(one)}" for key, one in value.items())
        case list() | tuple():
            return "; ".join(words(one) for one in value)
    return str(value)


def _model(value: BaseModel) -> str:
    display = getattr(value, "display", None)
    if isinstance(display, str) and "label" not in type(value).model_fields:
        return display
    parts: Iterable[tuple[str, str]] = ((name, words(getattr(value, name))) for name in _fields(value))
    return ", ".join(f"{title(name)} {text}" for name, text in parts if text != DASH)


def _is_number(rows: Sequence[BaseModel], name: str) -> bool:
    found = [value for one in rows if (value := getattr(one, name)) is not None]
    return all(
        (isinstance(value, int | float) and not isinstance(value, bool))
        or hasattr(value, "display")
        or name == "display"
        for value in found
    )


def _is_long(rows: Sequence[BaseModel], name: str) -> bool:
    return max(len(words(getattr(one, name))) for one in rows) > _LONG
