"""Items of the framework changed under records that stand, then every reading of every service."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(run("a reading fails after a change of the framework", "tests/embedded/test_changed_framework.py"))
