"""What gets into the logs, and what never does."""

import ast
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.log_fields import FIELDS, describe_exception, dropped_fields
from shared.logging import (
    AccessLog,
    configure_logging,
    current_request_id,
    get_logger,
    request_context,
    service_context,
)

CANARY = "canary-9434765919"
ROOT = Path(__file__).parents[2]
Lines = Callable[[], list[dict[str, Any]]]


class RefusesRowError(Exception):
    sqlstate = "23505"
    constraint_name = "audit_slot_key"


def fail_with_a_row() -> None:
    child = CANARY
    try:
        raise RefusesRowError(f"Key (nhs_number)=({child}) already exists")
    except RefusesRowError as error:
        raise ValueError(f"could not store {child}") from error


def test_a_line_is_json_with_time_level_service_and_allowed_fields(lines: Lines) -> None:
    get_logger("shared.sample").info("round made", count=14, code="monthly", request_id=UUID(int=1))
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "round made",
        "level": "info",
        "service": "audit",
        "module": "shared.sample",
        "count": 14,
        "code": "monthly",
        "request_id": str(UUID(int=1)),
    }


def test_a_field_off_the_list_is_dropped_and_counted(lines: Lines) -> None:
    before = dropped_fields()
    get_logger(__name__).info("stored", name=CANARY, body={"text": CANARY}, rows=1)
    (line,) = lines()
    assert line["rows"] == 1
    assert line["dropped"] == 2
    assert dropped_fields() == before + 2


@pytest.mark.parametrize("value", [{"text": CANARY}, [{"text": CANARY}], CANARY.encode(), object()])
def test_an_allowed_field_with_a_value_that_is_not_plain_is_dropped(lines: Lines, value: object) -> None:
    get_logger(__name__).info("stored", code=value)
    (line,) = lines()
    assert "code" not in line
    assert line["dropped"] == 1


def test_an_error_is_named_by_its_type_and_never_quoted(lines: Lines) -> None:
    get_logger(__name__).warning("waiting", error=TimeoutError.__name__)
    get_logger(__name__).warning("waiting", error=str(ValueError(f"no such child {CANARY}")))
    named, quoted = lines()
    assert named["error"] == "TimeoutError"
    assert "error" not in quoted
    assert quoted["dropped"] == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_json_has_no_word_for_is_null(lines: Lines, value: float) -> None:
    get_logger(__name__).info("timed", duration_ms=value)
    assert lines()[0]["duration_ms"] is None


def test_a_long_or_torn_text_stays_one_short_line(lines: Lines) -> None:
    get_logger(__name__).info("named", code="a\r\nb\ud800" + "x" * 1_000)
    (line,) = lines()
    assert len(line["code"]) == 200


def test_an_exception_is_told_by_type_and_place_never_by_message(lines: Lines) -> None:
    try:
        fail_with_a_row()
    except ValueError:
        get_logger(__name__).exception("import failed")
    (line,) = lines()
    assert line["exception_type"] == "ValueError"
    assert line["stack"][-1].split(":")[1] == "fail_with_a_row"
    assert "RefusesRowError at " in line["exception_chain"][0]
    assert (line["sqlstate"], line["constraint"]) == ("23505", "audit_slot_key")


def test_a_group_of_exceptions_names_its_members() -> None:
    told = describe_exception(ExceptionGroup("both", [ValueError(CANARY), ConnectionRefusedError(111, CANARY)]))
    assert told["exception_chain"] == ["ValueError", "ConnectionRefusedError"]
    assert told["errno"] == "ECONNREFUSED"


def test_exceptions_that_cause_one_another_in_a_circle_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert describe_exception(first)["exception_chain"] == ["KeyError"]


def test_a_constraint_with_a_value_for_a_name_is_not_told() -> None:
    error = RefusesRowError()
    error.constraint_name = f"key = {CANARY}"
    assert "constraint" not in describe_exception(error)


def test_the_server_s_own_messages_are_shown_without_their_arguments(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", CANARY)
    (line,) = lines()
    assert line["event"] == "Uvicorn running on %s"
    assert line["module"] == "uvicorn.error"


def test_another_library_s_message_is_replaced_by_where_it_came_from(lines: Lines) -> None:
    logging.getLogger("asyncio").error(f"Task exception was never retrieved {CANARY}")
    (line,) = lines()
    assert line["event"] == "a library logged a message, not shown here"
    assert line["level"] == "error"
    assert line["place"].startswith("test_logging:")


def test_a_start_up_traceback_sent_as_text_is_not_shown(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").error(f"Traceback:\n  ValueError: {CANARY}")
    logging.getLogger("uvicorn.error").error(OSError(98, f"in use {CANARY}"))
    text, error = lines()
    assert "Traceback" not in text["event"]
    assert error["errno"] == "EADDRINUSE"


def test_the_server_s_access_line_with_its_raw_path_is_silent(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info('%s - "%s %s HTTP/%s" %d', "peer", "GET", f"/x?q={CANARY}", "1.1", 200)
    assert lines() == []
    assert not logging.getLogger("uvicorn.access").propagate


def test_an_http_client_s_lines_with_their_urls_are_silent(lines: Lines) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET %s", f"/x?q={CANARY}")
    assert lines() == []


def test_a_warning_that_quotes_a_value_is_told_by_its_kind(lines: Lines) -> None:
    warnings.showwarning(UserWarning(CANARY), UserWarning, __file__, 7)
    (line,) = lines()
    assert line["exception_type"] == "UserWarning"
    assert line["place"].endswith("test_logging:7")


def test_the_request_s_id_and_service_are_on_every_line_inside_it(lines: Lines) -> None:
    assert current_request_id() is None
    with request_context("request-1", "feedback"):
        assert current_request_id() == "request-1"
        get_logger(__name__).info("stored")
    get_logger(__name__).info("idle")
    inside, outside = lines()
    assert (inside["request_id"], inside["service"]) == ("request-1", "feedback")
    assert "request_id" not in outside
    assert outside["service"] == "audit"


def test_a_service_s_own_tasks_are_named_after_it(lines: Lines) -> None:
    with service_context("feedback"):
        get_logger(__name__).info("sealed")
    assert lines()[0]["service"] == "feedback"


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING"])
@pytest.mark.parametrize("quiet", [True, False])
def test_an_access_line_is_what_a_logger_would_write(
    level: str, quiet: bool, capsys: pytest.CaptureFixture[str], lines: Lines
) -> None:
    configure_logging("audit", level)
    kind = ("GET", f'/v1/"{"x" * 300}"/é', "read_thing", 200)
    access, plain = AccessLog("shared.sample"), get_logger("shared.sample")
    names = dict(zip(("method", "route", "operation", "status"), kind, strict=True))
    written = []
    for _ in range(2):
        with request_context(str(UUID(int=1)), "feedback"):
            (plain.debug if quiet else plain.info)("request", **names, duration_ms=0.3)
            access.write(kind, "feedback", str(UUID(int=1)), 0.3, quiet=quiet)
        written += [line.partition('"timestamp"')[0] for line in capsys.readouterr().out.splitlines()]
    assert len(set(written)) == len(written) // 4 == int(level == "DEBUG" or (level == "INFO" and not quiet))


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    get_logger(__name__).debug("detail")
    assert lines() == []


def test_lines_for_a_person_hold_the_same_fields(lines: Lines, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("audit", "INFO", json=False)
    get_logger(__name__).info("stored", rows=3, name=CANARY)
    shown = capsys.readouterr().out
    assert "rows" in shown
    assert CANARY not in shown


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        configure_logging("audit", "LOUD")


def logging_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in [*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical"}
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id.lstrip("_") in {"log", "logger"}
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_every_line_in_the_code_is_a_constant_sentence_with_fields_from_the_list() -> None:
    faults = []
    for place, call in logging_calls():
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant):
            faults.append(f"{place}: the event must be one constant, without arguments to fill in")
        named = {keyword.arg for keyword in call.keywords} - FIELDS - {"exc_info"}
        if named:
            faults.append(f"{place}: not on the list of shared/log_fields.py: {sorted(map(str, named))}")
    assert faults == []
