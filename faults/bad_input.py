"""Three hundred bodies that have broken such services before, at every operation: none is answered 5xx."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run("a body brings an operation down", "tests/embedded/test_bad_bodies.py", "tests/embedded/test_poison.py")
    )
