"""As much of Prometheus's language as the shipped rules and panels use, worked out over written-down series.

A rate is taken between the first and last sample of its range, without Prometheus's extrapolation to the range's ends.
"""

from __future__ import annotations

import math
import operator
import re
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from typing import Any

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
Series = dict[Labels, dict[float, float]]

_TOKEN = re.compile(r'\s*("[^"]*"|\[[^\]]+\]|[a-zA-Z_:][\w:]*|[\d.]+(?:e\d+)?|=~|!~|!=|==|>=|<=|[-+*/(){},<>=])')
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_SUM = {"+": operator.add, "-": operator.sub}
_PRODUCT = {"*": operator.mul, "/": lambda one, other: one / other if other else math.nan}
_OVER = {"sum": sum, "max": max, "min": min, "count": len}
_RANGED = {"rate", "increase", "changes"}
_STALE_SECONDS = 300


def seconds(text: str) -> float:
    """A duration such as 5m; Grafana's own interval stands for a minute."""
    if text == "$__rate_interval":
        return 60
    return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


class Query:
    """One expression over given series at one moment; `metrics` are the names it has met."""

    def __init__(self, text: str, series: Series, at: float) -> None:
        self._tokens, place = [], 0
        text = text.strip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            assert found is not None, text[place:]
            self._tokens.append(found[1])
            place = found.end()
        self._series, self._at = series, at
        self.metrics: set[str] = set()

    def result(self) -> Vector:
        found = self._either()
        assert not self._tokens, self._tokens
        assert isinstance(found, dict)
        return found

    def _next(self, wanted: str | None = None) -> str:
        token = self._tokens.pop(0)
        assert wanted in (None, token), f"{wanted} is not {token}"
        return token

    def _sees(self, *tokens: str) -> bool:
        return bool(self._tokens) and self._tokens[0] in tokens

    def _either(self) -> Any:
        left = self._comparison()
        while self._sees("or", "unless"):
            joins, right = self._next() == "or", self._comparison()
            bare = {_nameless(key) for key in right}
            left = right | left if joins else {key: left[key] for key in left if _nameless(key) not in bare}
        return left

    def _comparison(self) -> Any:
        left = self._level(_SUM, lambda: self._level(_PRODUCT, self._single))
        if self._sees(*_COMPARE):
            holds = _COMPARE[self._next()]
            right = self._level(_SUM, lambda: self._level(_PRODUCT, self._single))
            beside = {key: right[key] if isinstance(right, dict) else right for key in left if _has(right, key)}
            return {key: left[key] for key, other in beside.items() if holds(left[key], other)}
        return left

    def _level(self, signs: dict[str, Any], part: Callable[[], Any]) -> Any:
        left = part()
        while self._sees(*signs):
            work, right = signs[self._next()], part()
            bare = {_nameless(key): value for key, value in right.items()}
            left = {key: work(value, bare[key]) for key, value in _without_names(left).items() if key in bare}
        return left

    def _single(self) -> Any:
        token = self._next()
        if re.fullmatch(r"[\d.]+(e\d+)?", token):
            return float(token)
        if token == "(":
            found = self._either()
            self._next(")")
            return found
        if token in _OVER:
            return self._aggregate(token)
        if self._sees("("):
            return self._function(token)
        return {key: value for key, samples in self._select(token) if (value := self._last(samples)) is not None}

    def _aggregate(self, name: str) -> Vector:
        kept: list[str] = []
        if self._sees("by"):
            self._next()
            kept = self._names()
        self._next("(")
        inside = self._either()
        self._next(")")
        groups = defaultdict(list)
        for key, value in inside.items():
            groups[frozenset(pair for pair in key if pair[0] in kept)].append(value)
        return {key: float(_OVER[name](values)) for key, values in groups.items()}

    def _names(self) -> list[str]:
        self._next("(")
        found = []
        while not self._sees(")"):
            found += [name for name in [self._next()] if name != ","]
        self._next(")")
        return found

    def _function(self, name: str) -> Vector:
        self._next("(")
        if name in _RANGED:
            found = self._ranged(name)
        else:
            number = self._single()
            self._next(",")
            found = {"histogram_quantile": _quantile, "topk": _topk}[name](number, self._either())
        self._next(")")
        return found

    def _ranged(self, name: str) -> Vector:
        matched = self._select(self._next())
        length, found = seconds(self._next()[1:-1]), {}
        for key, samples in matched:
            inside = [value for at, value in samples.items() if self._at - length <= at <= self._at]
            times = [at for at in samples if self._at - length <= at <= self._at]
            if len(inside) > 1:
                pairs = list(pairwise(inside))
                grown = sum(later - one if later >= one else later for one, later in pairs)
                changed = sum(one != later for one, later in pairs)
                values = {"increase": grown, "rate": grown / (times[-1] - times[0]), "changes": changed}
                found[_nameless(key)] = float(values[name])
        return found

    def _select(self, name: str) -> list[tuple[Labels, dict[float, float]]]:
        self.metrics.add(name)
        wanted: list[tuple[str, str, str]] = []
        if self._sees("{"):
            self._next()
            while not self._sees("}"):
                wanted.append((self._next(), self._next(), self._next().strip('"')))
                if self._sees(","):
                    self._next()
            self._next("}")
        return [(key, samples) for key, samples in self._series.items() if _matches(dict(key), name, wanted)]

    def _last(self, samples: dict[float, float]) -> float | None:
        times = [at for at in samples if self._at - _STALE_SECONDS < at <= self._at]
        return samples[max(times)] if times else None


def _has(right: Any, key: Labels) -> bool:
    return not isinstance(right, dict) or key in right


def _nameless(key: Labels) -> Labels:
    return frozenset(pair for pair in key if pair[0] != "__name__")


def _without_names(vector: Vector) -> Vector:
    return {_nameless(key): value for key, value in vector.items()}


def _matches(labels: dict[str, str], name: str, wanted: list[tuple[str, str, str]]) -> bool:
    tests: dict[str, Callable[[str, str], bool]] = {
        "=": operator.eq,
        "!=": operator.ne,
        "=~": lambda value, pattern: re.fullmatch(pattern, value) is not None,
        "!~": lambda value, pattern: re.fullmatch(pattern, value) is None,
    }
    return labels["__name__"] == name and all(tests[how](labels.get(label, ""), value) for label, how, value in wanted)


def _topk(number: float, vector: Vector) -> Vector:
    return dict(sorted(vector.items(), key=lambda item: -item[1])[: int(number)])


def _quantile(share: float, vector: Vector) -> Vector:
    groups: dict[Labels, list[tuple[float, float]]] = defaultdict(list)
    for key, value in vector.items():
        bound = float(dict(key)["le"].replace("+Inf", "inf"))
        groups[frozenset(pair for pair in key if pair[0] != "le")].append((bound, value))
    found = {}
    for key, buckets in groups.items():
        buckets.sort()
        rank, low, below = share * buckets[-1][1], 0.0, 0.0
        for bound, value in buckets:
            if value >= rank:
                found[key] = low if math.isinf(bound) else low + (bound - low) * (rank - below) / (value - below)
                break
            low, below = bound, value
    return found
