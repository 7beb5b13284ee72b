"""A word of its own in every field of every body, each alone, and every answer searched for them as every role."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(run("what is written of a person comes out elsewhere", "tests/embedded/test_canaries.py"))
