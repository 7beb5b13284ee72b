"""A hundred random tampers each of edit, delete, swap, insert and re-date in the activity log, each sealed anew too."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(run("the activity log is tampered with", "tests/shared/test_activity_tampering.py"))
