"""Hundreds of random lives of an audit, a complaint and a report over the API, step by step against their rules."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run(
            "a step is taken that a life does not allow, or refused and yet taken",
            "tests/audit_api/audits/test_life_machine.py",
            "tests/feedback_api/complaints/test_life_machine.py",
            "tests/reporting_api/test_life_machine.py",
        )
    )
