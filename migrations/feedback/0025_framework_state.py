"""The state of the applied framework, by which what is kept of it is known to stand."""

from migrations.platform import v0003

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v0003.upgrade()


def downgrade() -> None:
    v0003.downgrade()
