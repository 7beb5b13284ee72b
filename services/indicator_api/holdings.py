"""What the indicator service holds of staff and providers beside figures, how long, and how it leaves."""

from __future__ import annotations

from services.indicator_api.models import metadata
from shared.privacy.holdings import READING, Holdings, Kind, Logged

REGISTRATION = Kind(
    name="registration",
    table="registration",
    what="Professional registrations and checks of staff, by staff number",
    whose=("staff",),
    retention="staff_registrations",
    counted_from="r.left_on",
    logged=(Logged("registration", "registration", "staff_ref"),),
    personal_key=True,
    beside={
        "registration_history": "EXISTS (SELECT FROM registration WHERE {chosen} AND (registration.staff_ref,"
        " registration.kind, registration.body) = (registration_history.staff_ref, registration_history.kind,"
        " registration_history.body))",
    },
)
PROVIDER = Kind(
    name="provider",
    table="provider",
    what="Schools and settings, some run by one person: judgements, notes of visits, concerns",
    whose=("providers", "children and families, in words", "staff"),
    retention="providers",
    counted_from="r.closed_on",
    parts=(
        "provider_judgement", "provider_figure", "provider_note", "provider_concern", "provider_concern_version",
        "provider_review",
    ),
    logged=(Logged("provider", "provider", "code"), Logged("provider_concern", "provider_concern", "id")),
    personal_key=True,
)  # fmt: skip
COMMENTARY = Kind(
    name="commentary",
    table="commentary",
    what="Words on figures, with who wrote them",
    whose=("staff",),
    retention="observations",
    counted_from="CAST(r.written_at AS date)",
)
EXPLANATION = Kind(
    name="exception_answer",
    table="exception_answer",
    what="Explanations of exceptions, with who gave them",
    whose=("staff",),
    retention="observations",
    counted_from="CAST(r.answered_at AS date)",
    logged=(Logged("exception_answer", "exception_answer", "id"),),
)

HOLDINGS = Holdings(
    metadata=metadata,
    kinds=(REGISTRATION, PROVIDER, COMMENTARY, EXPLANATION, READING),
    impersonal={
        **dict.fromkeys(
            ("observation", "observation_history"),
            "figures of areas and teams: what is small is protected where it is shown, and no person stands in them",
        ),
        "observation_import": "what a file of figures held, counted",
        "import_job": "a file of figures at work",
        "import_body_chunk": "a file of figures, gone when its work is done",
        "registration_history": "goes with the registration it is of",
        "commentary_request": "which figure somebody is asked to comment on",
        **dict.fromkeys(("area", "area_succession", "comparator_member"), "the framework, for statements"),
        **dict.fromkeys(
            (
                "exception_month", "exception_place", "exception_row", "exception_stale", "exception_sum",
                "exception_protected", "exception_protected_row", "exception_protected_stale",
            ),
            "exceptions kept to save finding them again",
        ),
        "focus_list": "what a Head of Service looks at in a period",
        **dict.fromkeys(("source_mapping", "source_mapping_version"), "how the columns of a source become ours"),
    },
    staff=frozenset({
        "written_by", "asked_by", "last_chased_by", "done_by", "answered_by", "named_by", "applied_by", "created_by",
        "recorded_by", "staff_ref", "superseded_by", "changed_by", "placed_by", "lifted_by",
    }),
)  # fmt: skip
