"""Everything a caller without true figures may ask, before and after records come and go, solved as one system."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run(
            "a small number follows from all that is told together",
            "tests/embedded/differencing",
            "tests/feedback_api/summary/test_singling_out.py",
            "tests/feedback_api/coverage/test_statement.py",
            "tests/indicator_api/small_numbers",
            "tests/audit_api/analysis/test_quarterly_summary.py",
            "tests/reporting_api/test_differencing.py",
            "tests/reporting_api/test_told_before.py",
        )
    )
