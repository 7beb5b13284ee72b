"""The platform's tables."""

from migrations.platform import v0001

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    v0001.upgrade()


def downgrade() -> None:
    v0001.downgrade()
