"""kill -9 of each writing service with the first byte of its answer: committed and never heard of, then sent again."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run("an answer that died with its process is not given again", "tests/faults/test_killed_at_the_answer.py")
    )
