"""Legal holds, disposals, and the one way by which deeds may be unlinked and the oldest leave."""

from migrations.platform import v0002

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    v0002.upgrade()


def downgrade() -> None:
    v0002.downgrade()
