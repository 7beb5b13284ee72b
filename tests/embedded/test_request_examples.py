"""Every request example of the four OpenAPI documents is taken as it stands, or refused as this list says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from services.documentation import openapi_path
from shared.settings import SERVICES
from tests.documents import document_of


@dataclass(frozen=True)
class Step:
    """A request sent before an example: its operation with its own first example, changed where said (`{name}`: to what
    was kept under that name)."""

    operation: str
    changes: dict[str, Any] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)


def draft(period: str) -> list[Step]:
    return [Step("list_occurrences", chosen={"period": period}), Step("assemble_report")]


def concern(number: int) -> list[Step]:
    """An entry of a provider of its own, for a provider stands once in a register."""
    code = {"code": f"example_hill_{number}"}
    return [Step("keep_provider", {"reference": f"99910{number}"}, code), Step("open_concern", {}, code)]


def escalation() -> list[Step]:
    return [Step("raise_concern")]


def review(number: int) -> list[Step]:
    """A review of its own, for a reference stands once."""
    return [Step("add_review", {"reference": f"SCR-2025-{number:02}"})]


def recommendation(number: int) -> list[Step]:
    return [*review(number), Step("add_recommendation")]


def assessment(number: int) -> list[Step]:
    return [Step("add_assessment", {"reference": f"SEN-2026-{number:04}"})]


def submission() -> list[Step]:
    """Something said without a login, with a token of its own."""
    said = Step("submit_view", {"token": "{token}"})
    return [Step("issue_tokens"), said, Step("list_public_submissions", chosen={"state": "waiting"})]


BATCH = [Step("issue_tokens"), Step("list_token_batches")]
# Only the owner says that an action is done.
OWNED = {"owner": {"role": "admin"}}
# More cases than all the draws of this test take.
OPEN_CASES = Step(
    "keep_open_cases",
    {"items": [{"case_reference": f"CMS-3001{number}", "opened_on": "2026-03-02"} for number in range(10, 40)]},
)
SOMEBODY = [OPEN_CASES, Step("keep_auditor")]
# The batch's example holds one whole audit; sent again it only tells which audit that is.
SUBMITTED_AUDIT = Step("import_audits")
COMPLIMENT = Step("record_compliment")


def flagged(number: int, *after: str) -> list[Step]:
    """A view of its own that reads like harm, its flag the oldest nobody has acknowledged, and what is done to it."""
    view = {"source_ref": f"V-2026-7{number:03}", "what_works": "I am scared of going home."}
    find = Step("list_safeguarding_flags", chosen={"status": "waiting"})
    return [Step("record_view", view), find, *(Step(name) for name in after)]


OPEN_COMPLAINT = {"stages": [{"stage": "stage_1", "started_on": "2026-10-05"}]}


def opened(number: int) -> Step:
    """A complaint of its own in its first stage."""
    return Step("record_complaint", OPEN_COMPLAINT | {"respond_ref": f"CSC-2026-01{number}"})


# Each takes a submitted audit of the loaded examples, which others than this caller have graded and put in.
IN_MODERATION = [Step("list_audits", chosen={"status": "submitted"}), Step("raise_moderation")]
SECOND = {"grader": "test-admin", "grader_unit": "safeguarding_and_standards"}
ASKED_FOR = {"report": "agency_reports_quarterly", "period": "FY2026-27-Q3"}


def asked(agency: str) -> list[Step]:
    """A contribution of its own, for an agency is asked once for a report."""
    wanted = Step("ask_for_contribution", {"occurrence": "{occurrence}", "agency": agency, "due_on": None})
    return [Step("list_occurrences", chosen=ASKED_FOR), wanted]


DECISION = [Step("list_reports"), Step("record_decision")]
# What must be there before an example can stand: the steps run anew for each example.
BEFORE: dict[str, list[Step]] = {
    "void_slot": [Step("make_round")],
    "save_answers": [Step("add_audit")],
    "list_open_cases": [OPEN_CASES],
    "draw_cases": SOMEBODY,
    **{
        name: [*SOMEBODY, Step("draw_cases")]
        for name in ("get_draw", "get_draw_pool", "redraw_cases", "replace_drawn_case", "assign_drawn_case")
    },
    "get_auditor": [Step("keep_auditor")],
    "withdraw_audit": [Step("add_audit")],
    "reallocate_audit": [Step("add_audit")],
    "record_audit_view": [Step("add_audit")],
    **{
        name: [SUBMITTED_AUDIT]
        for name in ("close_audit", "reopen_audit", "get_audit_version", "attach_reference", "attach_file")
    },
    "raise_moderation": IN_MODERATION[:1],
    "grade_second": [*IN_MODERATION, Step("allocate_moderation", SECOND)],
    **dict.fromkeys(
        ("allocate_moderation", "propose_grades", "declare_conflict", "grade_third", "withdraw_moderation"),
        IN_MODERATION,
    ),
    "remove_attachment": [SUBMITTED_AUDIT, Step("attach_reference")],
    "redate_action": [Step("raise_action")],
    "complete_action": [Step("raise_action", OWNED)],
    "verify_action": [Step("raise_action", OWNED), Step("complete_action")],
    "close_action": [Step("raise_action", OWNED), Step("complete_action")],
    **{
        name: escalation()
        for name in (
            "get_escalation",
            "respond_to_escalation",
            "move_escalation_up",
            "tell_subject",
            "close_escalation",
            "withdraw_escalation",
        )
    },
    "get_review": review(1),
    "change_review": review(2),
    "add_recommendation": review(3),
    "get_recommendation": recommendation(4),
    "redate_recommendation": recommendation(5),
    "redate_milestone": recommendation(6),
    "reach_milestone": recommendation(7),
    "link_actions": recommendation(8),
    "end_recommendation": recommendation(9),
    "get_assessment": assessment(1),
    "record_checkpoint": assessment(2),
    "end_assessment": assessment(3),
    "cancel_action": [Step("raise_action")],
    "reassign_action": [Step("raise_action")],
    "add_action_note": [Step("raise_action")],
    "edit_learning": [Step("add_learning")],
    "disseminate_learning": [Step("add_learning")],
    "withdraw_learning": [Step("add_learning")],
    "acknowledge_learning": [Step("add_learning", {"disseminate": True})],
    "link_training": [Step("add_learning", {"disseminate": True})],
    "edit_plan": [Step("make_plan")],
    "add_key_action": [Step("make_plan")],
    **{
        name: [Step("plan_survey_wave")]
        for name in (
            "edit_survey_wave",
            "close_survey_wave",
            "record_survey_response",
            "import_survey_responses",
            "get_survey_results",
            "issue_survey_tokens",
        )
    },
    "correct_view": [Step("record_view")],
    **dict.fromkeys(("get_token_batch", "revoke_tokens"), BATCH),
    "get_public_submission": submission(),
    "release_submission": submission(),
    "merge_submission": submission(),
    "set_submission_aside": submission(),
    "return_submission": [*submission(), Step("set_submission_aside")],
    "suggest_view_themes": [Step("record_view")],
    "decide_view_themes": [Step("record_view")],
    "decide_complaint_themes": [Step("record_complaint")],
    "decide_compliment_themes": [Step("record_compliment")],
    "edit_complaint": [Step("record_complaint")],
    "get_safeguarding_flag": flagged(1),
    "acknowledge_safeguarding_flag": flagged(2),
    "decide_safeguarding_flag": flagged(3),
    "reopen_safeguarding_flag": flagged(4, "decide_safeguarding_flag"),
    "put_words_forward": [COMPLIMENT],
    **{
        name: [COMPLIMENT, Step("put_words_forward")]
        for name in ("get_quotation", "redact_quotation", "approve_quotation", "refuse_quotation", "withdraw_quotation")
    },
    "open_complaint_stage": [Step("record_complaint")],
    "end_complaint_stage": [Step("record_complaint", OPEN_COMPLAINT | {"respond_ref": "CSC-2026-0119"})],
    "extend_complaint_stage": [Step("record_complaint", OPEN_COMPLAINT | {"respond_ref": "CSC-2026-0120"})],
    "set_complaint_aside": [Step("record_complaint", OPEN_COMPLAINT | {"respond_ref": "CSC-2026-0121"})],
    "resume_complaint": [
        Step("record_complaint", OPEN_COMPLAINT | {"respond_ref": "CSC-2026-0122"}),
        Step("set_complaint_aside"),
    ],
    "end_proceedings": [opened(23), Step("set_complaint_aside")],
    "decide_on_complaint": [opened(24)],
    "move_complaint": [opened(25)],
    "escalate_complaint": [opened(26)],
    "correct_complaint_stage": [opened(27)],
    "appoint_person": [opened(28), Step("escalate_complaint")],
    "end_appointment": [opened(29), Step("escalate_complaint"), Step("appoint_person")],
    "record_advocacy_offer": [opened(30)],
    "merge_complaint": [opened(31), opened(32)],
    # The reference leads to the complaint it was merged into a moment ago.
    "separate_complaint": [opened(31)],
    "recategorise_as_complaint": [Step("record_compliment")],
    "restore_recategorised": [
        Step("record_compliment", {"respond_ref": "CPL-2026-0054"}),
        Step("recategorise_as_complaint", {"ref": "CPL-2026-0054", "respond_ref": "CSC-2026-0141"}),
    ],
    "merge_compliment": [
        Step("record_compliment", {"respond_ref": "CPL-2026-0052"}),
        Step("record_compliment", {"respond_ref": "CPL-2026-0053"}),
    ],
    "separate_compliment": [Step("record_compliment", {"respond_ref": "CPL-2026-0052"})],
    **{
        name: [Step("record_complaint")]
        for name in ("add_ombudsman_enquiry", "add_remedy", "add_complaint_recommendation")
    },
    "change_ombudsman_enquiry": [
        Step("record_complaint"),
        Step("add_ombudsman_enquiry", {"reference": "LGSCO 26 001 235"}),
    ],
    "change_remedy": [Step("record_complaint"), Step("add_remedy")],
    "change_complaint_recommendation": [Step("record_complaint"), Step("add_complaint_recommendation")],
    "get_complaints_report": [Step("produce_complaints_report")],
    "get_complaints_report_update": [Step("keep_complaints_report_update")],
    "resolve_difference": [
        Step("post_manifest", {"counts": {"complaints": 0, "compliments": 1}, "complaints": []}),
    ],
    "unlink_action": [Step("link_action", {"action_ref": "ACT-9"})],
    "get_shared_learning": [Step("share_agency_learning")],
    "evaluate_learning": [Step("share_agency_learning")],
    "withdraw_agency_learning": [Step("share_agency_learning", {"source_ref": "LRN-2026-05"})],
    "remove_bank_holiday": [Step("add_bank_holiday", {"day": "2026-09-30"})],
    **{
        name: [Step("keep_provider")]
        for name in (
            "list_providers",
            "get_provider",
            "record_provider_judgement",
            "record_provider_figure",
            "add_provider_note",
            "list_provider_notes",
            "open_concern",
        )
    },
    "get_concern": concern(1),
    "change_concern": concern(2),
    "review_concern": concern(3),
    "close_concern": concern(4),
    **{
        name: [Step("raise_challenge")]
        for name in (
            "get_challenge",
            "get_challenge_history",
            "edit_challenge",
            "respond_to_challenge",
            "end_challenge",
        )
    },
    "decide_on_response": [Step("raise_challenge"), Step("respond_to_challenge")],
    **{name: [Step("record_participation")] for name in ("edit_participation", "withdraw_participation", "add_change")},
    **{
        name: [Step("record_participation"), Step("add_change")]
        for name in ("edit_change", "approve_change", "withdraw_approval")
    },
    "edit_report": draft("2026-07"),
    "sign_report": [*draft("2026-08"), Step("edit_report"), Step("submit_report")],
    "reopen_report": [*draft("2026-09"), Step("edit_report"), Step("submit_report")],
    "withdraw_report": [*draft("2026-09"), Step("edit_report"), Step("submit_report")],
    "send_back_report": [*draft("2026-06"), Step("edit_report"), Step("submit_report")],
    "add_comment": draft("2026-07"),
    "end_delegation": [Step("add_delegation")],
    **{
        name: [Step("prepare_return", {"return": code, "period": period})]
        for name, code, period in (
            ("change_return", "cin_census", "RY2026"),
            ("sign_return", "sen2", "CY2025"),
            ("send_back_return", "sen2", "CY2024"),
            ("submit_return", "cin_census", "RY2025"),
            ("resubmit_return", "ssda903", "RY2025"),
        )
    },
    "supersede_report": [Step("list_reports")],
    "get_report_table": [Step("list_reports")],
    "get_contribution": asked("cafcass"),
    "submit_contribution": asked("dorset_police"),
    "chase_contribution": asked("nhs_dorset_icb"),
    "refuse_contribution": [*asked("dorset_healthcare"), Step("submit_contribution")],
    "waive_contribution": asked("schools"),
    "record_decision": DECISION[:1],
    "get_decision": DECISION,
    "update_decision": DECISION,
    "minute_decision": DECISION,
    "reinstate_meeting": [Step("cancel_meeting", chosen={"planned_on": "2027-11-25"})],
    "explain_lateness": [Step("list_occurrences", chosen={"period": "2026-12"})],
    "chase_commentary": [Step("request_commentary")],
    "edit_webhook": [Step("make_webhook")],
    "revoke_calendar_address": [Step("make_calendar_address")],
    "acknowledge_report": [Step("list_reports")],
    "get_hold": [Step("place_hold")],
    "lift_hold": [Step("place_hold")],
}
# Where in an answer the address of the next request is found.
KEPT = {
    "make_round": ("slot_id", "/slots/0/id"),
    "add_audit": ("audit_id", "/id"),
    "draw_cases": ("draw_id", "/draws/0/id"),
    "import_audits": ("audit_id", "/items/0/audit"),
    "list_audits": ("audit_id", "/items/0/id"),
    "raise_moderation": ("moderation_id", "/id"),
    "attach_reference": ("attachment_id", "/id"),
    "raise_action": ("action_id", "/id"),
    "raise_concern": ("escalation_id", "/id"),
    "add_review": ("review_id", "/id"),
    "add_recommendation": ("recommendation_id", "/id"),
    "add_assessment": ("assessment_id", "/id"),
    "add_learning": ("learning_id", "/id"),
    "make_plan": ("plan_id", "/id"),
    "open_concern": ("concern_id", "/id"),
    "plan_survey_wave": ("wave_id", "/id"),
    "record_view": ("view_id", "/id"),
    "issue_tokens": ("token", "/tokens/0"),
    "list_token_batches": ("batch_id", "/items/0/id"),
    "list_public_submissions": ("submission_id", "/items/0/id"),
    "list_safeguarding_flags": ("flag_id", "/items/0/id"),
    "put_words_forward": ("quotation_id", "/id"),
    "raise_challenge": ("challenge_id", "/id"),
    "record_participation": ("activity_id", "/id"),
    "add_change": ("change_id", "/id"),
    "record_complaint": ("respond_ref", "/respond_ref"),
    "record_compliment": ("respond_ref", "/respond_ref"),
    "recategorise_as_complaint": ("respond_ref", "/respond_ref"),
    "appoint_person": ("person_id", "/current/people/0/id"),
    "add_ombudsman_enquiry": ("enquiry_id", "/id"),
    "add_remedy": ("remedy_id", "/id"),
    "add_complaint_recommendation": ("recommendation_id", "/id"),
    "link_action": ("link_id", "/id"),
    "share_agency_learning": ("learning_id", "/id"),
    "list_occurrences": ("occurrence", "/items/0/id"),
    "assemble_report": ("report", "/id"),
    "list_reports": ("report", "/items/0/id"),
    "ask_for_contribution": ("contribution", "/id"),
    "record_decision": ("decision", "/id"),
    "add_delegation": ("delegation", "/id"),
    "prepare_return": ("return_id", "/id"),
    "request_commentary": ("key", "/key"),
    "make_webhook": ("webhook_id", "/webhook/id"),
    "list_rounds": ("round_id", "/items/0/id"),
    "draw_moderation_sample": ("sample_id", "/id"),
    "import_observations": ("import_id", "/id"),
    "list_import_jobs": ("job_id", "/items/0/id"),
    "list_survey_words": ("words_id", "/items/0/id"),
    "add_comment": ("comment", "/id"),
    "list_report_charts": ("chart", "/items/0/code"),
    "list_deliveries": ("delivery_id", "/items/0/id"),
    "place_hold": ("hold_id", "/id"),
    "make_calendar_address": ("address_id", "/address/id"),
}
# Parameters whose description holds no example of its own.
GIVEN = {
    "correct_complaint_stage": {"stage": "stage_1"},
    "keep_complaints_report_update": {"unit": "fs_weymouth"},
    "get_complaints_report_update": {"unit": "fs_weymouth"},
    "evaluate_learning": {"unit": "fs_weymouth"},
    "open_concern": {"code": "example_hill_primary"},
    "make_round": {"code": "monthly_case_audit", "period": "2026-11"},
    "get_coverage": {"programme": "monthly_case_audit"},
    "get_audit_page": {"unit": "fs_weymouth"},
    "redate_milestone": {"number": "1"},
    "reach_milestone": {"number": "1"},
    "list_coverage": {"programme": "monthly_case_audit", "from": "2026-04", "to": "2026-06"},
    "list_observation_history": {"indicator": "referrals_monthly", "area": "E06000059"},
    "read_series": {"code": "absence"},
    "list_series": {"indicator": "absence,rereferrals"},
    "save_mapping": {"code": "dfe_workforce"},
    "list_occurrences": {"report": "csdg_monthly"},
    "list_reports": {"status": "published"},
    "list_approved_words": {"period": "FY2026-27-Q3"},
    "tell_commitment_status": {"code": "every_channel_heard"},
    "read_commentary": {"period": "RY2025"},
    "write_commentary": {"period": "RY2025"},
    **{name: {"board": "csoc"} for name in ("list_meetings", "add_meeting", "get_meeting")},
    "move_meeting": {"board": "csoc", "planned_on": "2027-02-11"},
    "cancel_meeting": {"board": "csoc", "planned_on": "2027-05-20"},
    "reinstate_meeting": {"board": "csoc", "planned_on": "2027-11-25"},
    "arrange_meeting": {"board": "csoc", "planned_on": "2027-09-09"},
}
# Examples that cannot be taken as they stand: the status they are answered with, and why.
REFUSED = {
    ("resolve_difference", "2026-10"): (409, "the example before it has settled the same difference"),
    **{
        ("read_commentary", label): (404, "nobody has commented on it")
        for label in ("rereferrals", "E06000059", "2026-04", "FY2026-27-Q1")
    },
    ("write_commentary", "2026-04"): (422, "the form of any period; this indicator is yearly"),
    ("write_commentary", "FY2026-27-Q1"): (422, "the form of any period; this indicator is yearly"),
    ("replace_drawn_case", "body"): (422, "nobody can know which case will be drawn"),
    ("assign_drawn_case", "body"): (422, "nobody can know which case will be drawn"),
    ("close_audit", "body"): (409, "nothing learned from the audit has been passed on"),
    ("propose_grades", "body"): (403, "this caller is neither of the two graders"),
    ("declare_conflict", "body"): (409, "the two have not graded yet"),
    ("grade_third", "body"): (409, "there is no conflict yet"),
    ("close_escalation", "body"): (403, "no policy lets an administrator close a concern"),
    ("link_actions", "body"): (422, "nobody can know the id of an action that is still to be raised"),
    ("verify_action", "body"): (409, "nobody verifies the own completion, and here one caller does everything"),
    ("close_action", "body"): (409, "an action is verified by another person first"),
    ("record_re_audit", "body"): (422, "the ids are those of another day"),
    ("add_key_action", "body"): (422, "the id is that of another day"),
    **{
        ("respond_to_recurrence", label): (409, "it does not recur there")
        for label in ("2026-04", "FY2026-27-Q1", "fs_weymouth", "team_theme", "drift_and_delay", "body")
    },
    ("submit_view", "body"): (409, "nobody can know a token that is still to be issued"),
    ("merge_submission", "body"): (409, "nobody can know the id of a submission that is still to come"),
    ("approve_quotation", "body"): (409, "whoever put the words forward may not approve them"),
    ("list_approved_words", "2026-04"): (422, "the form of any period; words are told by whole quarters"),
    ("show_survey_form", "body"): (409, "the token was never issued"),
    ("submit_survey_response", "body"): (409, "the token was never issued"),
    ("decide_on_response", "body"): (403, "nobody decides on the own response, and here one caller does everything"),
    ("get_feedback_coverage", "2026-04"): (422, "the form of any period; coverage is told by the quarter"),
    ("list_coverage_by_unit", "2026-04"): (422, "the form of any period; coverage is told by the quarter"),
    ("list_survey_duties", "2026-04"): (422, "the form of any period; surveys are owed by the year"),
    ("list_survey_duties", "FY2026-27-Q1"): (422, "the form of any period; surveys are owed by the year"),
    ("ask_for_contribution", "body"): (422, "nobody can know the id of an occurrence that is still to be made"),
    ("sign_report", "body"): (409, "nobody can know the hash of a report that is still to be made"),
    ("send_back_report", "body"): (409, "the submitter does not send back, and here one caller does everything"),
    ("sign_return", "body"): (409, "its Head of Service reviews a return, and here one caller does everything"),
    ("send_back_return", "body"): (409, "its Head of Service sends a return back"),
    ("submit_return", "body"): (409, "nobody has reviewed it, and whoever prepared it may not"),
    ("resubmit_return", "body"): (409, "it was not submitted"),
    ("acknowledge_report", "body"): (409, "nobody can know the hash of a report that is still to be made"),
    ("make_round", "FY2026-27-Q1"): (422, "the form of any period; this programme is monthly"),
    ("get_coverage", "FY2026-27-Q1"): (422, "the form of any period; this programme is monthly"),
    ("list_coverage", "FY2026-27-Q1"): (422, "the form of any period; this programme is monthly"),
    ("count_registration_figures", "FY2026-27-Q1"): (422, "the form of any period; the register is counted monthly"),
}
# A change names the version it was made from; these are all that a record of a moment ago can be at.
PRECONDITION_NEEDED = 428
ANY_VERSION = ", ".join(f'"{version}"' for version in range(10))


@dataclass
class Operation:
    """One operation of a document with what its examples give."""

    name: str
    method: str
    path: str
    parameters: dict[str, list[Any]]
    required: set[str]
    bodies: list[tuple[str, Any]]


def operations(document: dict[str, Any], prefix: str) -> Iterator[Operation]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, found in methods.items():
            asked = {one["name"]: one for one in found.get("parameters", []) if one["in"] != "header"}
            bodies: list[tuple[str, Any]] = []
            for media, content in found.get("requestBody", {}).get("content", {}).items():
                model = schemas.get(content["schema"].get("$ref", "").rsplit("/", 1)[-1], {})
                given = [content["example"]] if "example" in content else model.get("examples", [])
                bodies += [(media, example) for example in given]
            yield Operation(
                found["operationId"],
                method.upper(),
                prefix + path,
                {name: one["schema"].get("examples", []) for name, one in asked.items()},
                {name for name, one in asked.items() if one["required"]},
                bodies,
            )


class Caller:
    """Sends the examples of one service, keeping where the records made on the way are."""

    def __init__(self, client: httpx.AsyncClient, known: dict[str, Operation]) -> None:
        self.client, self.known = client, known
        self.kept: dict[str, str] = {}

    async def send(self, name: str, body: tuple[str, Any] | None, chosen: dict[str, str]) -> httpx.Response:
        one = self.known[name]
        given = {key: values[0] for key, values in one.parameters.items() if values and key in one.required}
        given |= GIVEN.get(name, {}) | {key: self.kept[key] for key in one.parameters if key in self.kept} | chosen
        query = {key: value for key, value in given.items() if f"{{{key}}}" not in one.path}
        path = re.sub(r"\{(\w+)\}", lambda found: str(given[found[1]]), one.path)
        # A PUT may create: first as for what is not there yet.
        if one.method == "PUT" and body is not None:
            first = await self.client.request(one.method, path, params=query, json=body[1])
            if first.status_code != PRECONDITION_NEEDED:
                return first
        headers = {"If-Match": ANY_VERSION}
        if body is not None and isinstance(body[1], str):
            headers["Content-Type"] = body[0]
            return await self.client.request(one.method, path, params=query, headers=headers, content=body[1])
        json = None if body is None else body[1]
        return await self.client.request(one.method, path, params=query, headers=headers, json=json)

    async def prepare(self, name: str, steps: list[Step] | None = None) -> None:
        """The steps before an example (those of its operation where none are given), each of which must be taken."""
        self.kept.clear()
        for step in BEFORE.get(name, []) if steps is None else steps:
            bodies = self.known[step.operation].bodies
            changes = {name: self.kept.get(str(value).strip("{}"), value) for name, value in step.changes.items()}
            body = (bodies[0][0], bodies[0][1] | changes) if bodies else None
            answer = await self.send(step.operation, body, step.chosen)
            assert answer.is_success, f"{name}, before it {step.operation}: {answer.text}"
            if step.operation in KEPT:
                key, pointer = KEPT[step.operation]
                self.kept[key] = pick(answer.json(), pointer)


def pick(document: Any, pointer: str) -> str:
    for part in pointer.split("/")[1:]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return str(document)


@pytest.fixture
async def client(made_run: Any) -> httpx.AsyncClient:
    found: httpx.AsyncClient = await made_run("admin")
    return found


async def test_every_request_example_is_taken_or_refused_as_this_list_says(client: httpx.AsyncClient) -> None:
    wrong, tried = [], set()
    for service in SERVICES:
        document = document_of(service)
        known = {one.name: one for one in operations(document, f"/{service}")}
        caller = Caller(client, known)
        for one in known.values():
            cases: list[tuple[str, Any, dict[str, str]]] = [("body", body, {}) for body in one.bodies]
            for name, values in one.parameters.items():
                cases += [(str(value), one.bodies[0] if one.bodies else None, {name: value}) for value in values]
            for label, body, chosen in cases:
                await caller.prepare(one.name)
                answer = await caller.send(one.name, body, chosen)
                expected = REFUSED.get((one.name, label))
                good = answer.is_success if expected is None else answer.status_code == expected[0]
                if not good:
                    wrong.append(f"{one.name} {label}: {answer.status_code} {answer.text}")
                tried.add((one.name, label))
    assert wrong == []
    assert tried.issuperset(REFUSED)


def test_every_operation_with_a_body_of_its_own_has_an_example() -> None:
    for service in SERVICES:
        document = json.loads(openapi_path(service).read_text(encoding="utf-8"))
        without = {
            one.name
            for one in operations(document, f"/{service}")
            if "requestBody" in document["paths"][one.path.removeprefix(f"/{service}")][one.method.lower()]
            and not one.bodies
        }
        assert without <= {"apply_framework_items", "import_survey_responses", "import_views"}, without
