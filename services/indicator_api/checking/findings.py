"""A doubt about a figure as it goes out: the rule, the figures and a sentence."""

from __future__ import annotations

from typing import Any

from services.indicator_api.checking.sentences import sentence
from services.indicator_api.checking.subject import TOTAL, Doubt, Subject
from services.indicator_api.series.wording import shown

Found = dict[str, Any]


def found_in(subject: Subject, doubt: Doubt) -> Found:
    """A doubt as it goes out."""
    definition, figure = subject.definition, doubt.figure
    return {
        "rule": doubt.rule,
        "indicator": definition.code,
        "title": definition.title,
        "source_system": definition.content["source_system"],
        "owner_role": definition.content["owner_role"],
        "area": subject.area,
        "area_name": subject.name,
        "period": figure.period.code,
        "breakdown": None if doubt.breakdown == TOTAL else doubt.breakdown,
        "value": figure.value,
        "value_status": figure.status,
        "display": shown(definition, figure.value, figure.status),
        "reference": doubt.reference,
        "parts": list(doubt.parts),
        "sentence": sentence(subject, doubt),
    }
