"""What every section has in common: its sources, and how it stands when they cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.reporting_api.assembly.brief import Brief
from services.reporting_api.assembly.evidence import Ask, Evidence
from services.reporting_api.assembly.records import Records
from services.reporting_api.document import held_back
from services.reporting_api.words import listed, reason_words, sentence
from shared.schemas.board_report import BoardSection, Source
from shared.schemas.framework.reporting import ReportSection, SectionKind


@dataclass(frozen=True)
class Beside:
    """The report's other sections, for a section that sums them up, and what each family of sources brought."""

    sections: list[BoardSection] = field(default_factory=list)
    families: dict[str, list[str]] = field(default_factory=dict)

    def of_kind(self, kind: SectionKind) -> list[BoardSection]:
        return [one for one in self.sections if one.kind == kind]


@dataclass
class Work:
    """One section in the making."""

    brief: Brief
    spec: ReportSection
    evidence: Evidence
    records: Records
    protected: bool
    beside: Beside = field(default_factory=Beside)

    def start(self, asks: Sequence[Ask]) -> BoardSection:
        """The empty section with its sources; unavailable where none of them answered."""
        sources = [self.evidence.source(one, self.records.readings) for one in asks]
        section = self.blank()
        section.sources = sources
        good = [one for one in sources if one.availability == "available"]
        section.as_of = min((one.as_of for one in good or sources if one.as_of), default=None)
        if sources and not good:
            section.availability = "unavailable"
            section.unavailable_reason = sources[0].reason
        elif len(good) < len(sources):
            section.caveats = [part_missing(sources)]
        return section

    def written(self, text: str) -> str:
        """What somebody wrote who saw every figure: held back from whoever does not where it tells a number."""
        return (held_back(text) or "") if self.protected else text

    def blank(self) -> BoardSection:
        spec = self.spec
        return BoardSection(
            code=spec.code, title=spec.title, kind=spec.kind, availability="available", prompt=spec.prompt
        )

    def unavailable(self, reason: str) -> BoardSection:
        section = self.blank()
        section.availability, section.unavailable_reason = "unavailable", reason
        return section


def ours(work: Work, path: str) -> BoardSection:
    """A section out of this service's own records."""
    section = work.blank()
    now = work.brief.now
    section.sources = [Source(service="reporting", path=path, fetched_at=now, as_of=now, availability="available")]
    section.as_of = now
    return section


Build = Callable[[Work], BoardSection]


def part_missing(sources: Sequence[Source]) -> str:
    """One sentence on the sources of a section that did not answer."""
    silent = [one for one in sources if one.availability != "available"]
    reasons = list(dict.fromkeys(reason_words(one.reason) for one in silent))
    return sentence(f"{len(silent)} of {len(sources)} sources are not in this section: {listed(reasons)}")
