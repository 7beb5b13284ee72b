"""What staff and agencies write is looked through for harm like all else."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_NAME = "ck_safeguarding_flag_subject_kind"
_BEFORE = "'view','complaint','compliment','survey_response','public_submission','challenge','activity'"
_MORE = "'agency_learning','learning_evaluation','report_update','weakness_link','commitment'"


def upgrade() -> None:
    op.drop_constraint(op.f(_NAME), "safeguarding_flag", type_="check")
    op.create_check_constraint(op.f(_NAME), "safeguarding_flag", f"subject_kind IN ({_BEFORE},{_MORE})")


def downgrade() -> None:
    # What the table could not hold before goes, with all that happened to it.
    theirs = f"subject_kind IN ({_MORE})"
    op.execute(
        "DELETE FROM safeguarding_event WHERE flag_id IN (SELECT id FROM safeguarding_flag "  # noqa: S608
        f"WHERE {theirs})"
    )
    op.execute(f"DELETE FROM safeguarding_flag WHERE {theirs}")  # noqa: S608
    op.drop_constraint(op.f(_NAME), "safeguarding_flag", type_="check")
    op.create_check_constraint(op.f(_NAME), "safeguarding_flag", f"subject_kind IN ({_BEFORE})")
