"""Schemathesis with every check it has, at every operation, as every role in turn."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(run("an operation does not keep to its description", "tests/embedded/test_schemathesis.py"))
