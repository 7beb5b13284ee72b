"""Every cell of role by operation by organisation scope, and every id asked for from another unit."""

import sys

from running.full_dose import run

if __name__ == "__main__":
    sys.exit(
        run(
            "somebody may do what the table does not say",
            "tests/architecture/test_roles.py",
            "tests/embedded/test_organisation_scope.py",
            "tests/audit_api/test_unannounced.py",
        )
    )
