"""relay

Revision ID: 0003
Revises: 0002
"""
from alembic import op
import sqlalchemy as sa

from relevo.store.tables.base import Xid8

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('relays',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('xact', Xid8(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('failures', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_relays'))
    )
    # Nullable and without a default: no row is rewritten, and workers of the version before do not mind.
    op.add_column('mailbox', sa.Column('announced_for', sa.DateTime(timezone=True), nullable=True))
    op.add_column('mailbox', sa.Column('announced_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('mailbox', 'announced_at')
    op.drop_column('mailbox', 'announced_for')
    op.drop_table('relays')
