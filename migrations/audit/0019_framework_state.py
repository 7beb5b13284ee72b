"""The state of the applied framework, by which what is kept of it is known to stand."""

from migrations.platform import v0003

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v0003.upgrade()
    v0003.watch("tool_version")


def downgrade() -> None:
    v0003.unwatch("tool_version")
    v0003.downgrade()
