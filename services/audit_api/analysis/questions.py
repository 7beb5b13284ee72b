"""How each question was answered, and how far what a section or a domain asks was met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from services.audit_api.analysis.domains import TITLES, Editions, percent_of
from services.audit_api.analysis.groups import Tally
from services.audit_api.questionnaires import SCALE_ENDS, YES_NO_LABELS
from shared.schemas.audit_summary import AnswerCount, ProfileOut, QuestionOut
from shared.schemas.framework.audit import Question, Section, Tool

_LOWEST, _HIGHEST = SCALE_ENDS


def questions(tally: Tally, editions: Editions) -> list[QuestionOut]:
    """Every question that was answered, in the order of the form, its answers added up over the editions."""
    counts: dict[tuple[str, str, str], Counter[str]] = {}
    for (tool, version, code, value), number in tally.answers().items():
        kind = editions[tool, version].questions[code].kind.value
        counts.setdefault((tool, code, kind), Counter())[value] += number
    # The newest wording stands for all: the question's code says that it is the same question.
    newest = {
        (tool, question.code, question.kind.value): (edition.tool, section, question, place)
        for (tool, _), edition in sorted(editions.items())
        for place, (section, question) in enumerate(edition.tool.questions())
    }
    ordered = sorted(counts, key=lambda key: (key[0], newest[key][3], key))
    return [_question(*newest[key][:3], counts[key]) for key in ordered]


def _question(tool: Tool, section: Section, question: Question, given: Mapping[str, int]) -> QuestionOut:
    answered = sum(given.values())
    labels = _labels(tool, question, given)
    return QuestionOut(
        tool=tool.code,
        section=section.code,
        domain=section.domain.value,
        question=question.code,
        text=question.text,
        kind=question.kind.value,
        weight=question.weight,
        answered=answered,
        answers=[
            AnswerCount(answer=code, label=label, count=given.get(code, 0), percent=100 * given.get(code, 0) / answered)
            for code, label in labels.items()
        ],
        met_percent=_met(tool, question, given),
        mean=_mean(given) if question.kind.value == "scale" else None,
    )


def _labels(tool: Tool, question: Question, given: Iterable[str]) -> dict[str, str]:
    match question.kind.value:
        case "grade":
            found = {one.code: one.label for one in sorted(tool.scale.grades, key=lambda one: one.order)}
        case "yes_no_na":
            found = dict(YES_NO_LABELS)
        case "scale":
            found = {str(step): str(step) for step in range(_LOWEST, _HIGHEST + 1)}
        case _:
            found = {one.code: one.label for one in question.options}
    # What only an earlier edition offered is told by its code.
    return found | {code: code for code in sorted(given) if code not in found}


def _mean(given: Mapping[str, int]) -> float:
    return round(sum(int(value) * number for value, number in given.items()) / sum(given.values()), 2)


def _met(tool: Tool, question: Question, given: Mapping[str, int]) -> float | None:
    """The share met: each answer is worth from 0, the lowest there is, to 1, the highest."""
    worth = _worth(tool, question)
    counted = sum(number for value, number in given.items() if value in worth)
    return percent_of(sum(worth[value] * number for value, number in given.items() if value in worth), counted)


def _worth(tool: Tool, question: Question) -> dict[str, float]:
    match question.kind.value:
        case "yes_no_na":
            return {"yes": 1.0, "no": 0.0}
        case "scale":
            return {str(step): (step - _LOWEST) / (_HIGHEST - _LOWEST) for step in range(_LOWEST, _HIGHEST + 1)}
        case "grade":
            steps = sorted(tool.scale.grades, key=lambda one: one.order)
            return {one.code: place / (len(steps) - 1) for place, one in enumerate(steps)}
    return {}


def profile(asked: Sequence[QuestionOut], editions: Editions) -> list[ProfileOut]:
    """How far each domain, and each section of each tool, was met; a question counts with its weight."""
    sections = {(tool, code): one.title for (tool, _), edition in sorted(editions.items())
                for code, one in _sections(edition.tool).items()}  # fmt: skip
    by_domain: dict[str, list[QuestionOut]] = {domain: [] for domain in TITLES}
    by_section: dict[tuple[str, str], list[QuestionOut]] = {}
    for one in asked:
        by_domain[one.domain].append(one)
        by_section.setdefault((one.tool, one.section), []).append(one)
    found = [
        ProfileOut(domain=domain, title=TITLES[domain], questions=len(of), met_percent=_weighted(of))
        for domain, of in by_domain.items()
        if _weighted(of) is not None
    ]
    return found + [
        ProfileOut(
            domain=of[0].domain, section=code, tool=tool, title=sections[tool, code], questions=len(of),
            met_percent=_weighted(of),
        )
        for (tool, code), of in by_section.items()
        if _weighted(of) is not None
    ]  # fmt: skip


def _sections(tool: Tool) -> dict[str, Section]:
    return {section.code: section for section in tool.sections}


def _weighted(asked: Sequence[QuestionOut]) -> float | None:
    counted = [(one.met_percent, one.weight) for one in asked if one.met_percent is not None]
    whole = sum(weight for _, weight in counted)
    return round(sum(met * weight for met, weight in counted) / whole, 1) if whole else None
