"""shop settings

Revision ID: 0006
Revises: 0005
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.text('now()')
TABLES = (
    'whatsapp_charges_progress', 'whatsapp_charges', 'insights_progress', 'insights_model_cost', 'insights_waits',
    'insights_activity', 'playbook_settings', 'playbook_versions', 'playbooks',
)


def of_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f(f'fk_{table}_workspace_id'), ondelete='CASCADE')


def upgrade() -> None:
    op.create_table('playbooks',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', TIME, server_default=NOW, nullable=False),
    sa.Column('updated_at', TIME, server_default=NOW, nullable=False),
    sa.CheckConstraint('version >= 1', name=op.f('ck_playbooks_version')),
    of_workspace('playbooks'),
    sa.PrimaryKeyConstraint('workspace_id', 'slug', name=op.f('pk_playbooks'))
    )
    op.create_table('playbook_versions',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', TIME, server_default=NOW, nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_playbook_versions_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id', 'slug'], ['playbooks.workspace_id', 'playbooks.slug'], name=op.f('fk_playbook_versions_workspace_id_slug'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id', 'slug', 'version', name=op.f('pk_playbook_versions'))
    )
    op.create_table('playbook_settings',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    of_workspace('playbook_settings'),
    sa.PrimaryKeyConstraint('workspace_id', 'slug', name=op.f('pk_playbook_settings'))
    )
    op.create_table('insights_activity',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('by_customer', sa.Integer(), nullable=False),
    sa.Column('by_agent', sa.Integer(), nullable=False),
    sa.Column('by_people', sa.Integer(), nullable=False),
    of_workspace('insights_activity'),
    sa.PrimaryKeyConstraint('workspace_id', 'at', 'conversation_id', name=op.f('pk_insights_activity'))
    )
    op.create_table('insights_waits',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.CheckConstraint("who in ('agent', 'people')", name=op.f('ck_insights_waits_who')),
    of_workspace('insights_waits'),
    sa.PrimaryKeyConstraint('workspace_id', 'at', 'who', 'seconds', name=op.f('pk_insights_waits'))
    )
    op.create_table('insights_model_cost',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('usd', sa.Double(), nullable=False),
    of_workspace('insights_model_cost'),
    sa.PrimaryKeyConstraint('workspace_id', 'at', name=op.f('pk_insights_model_cost'))
    )
    op.create_table('insights_progress',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('kept_until', TIME, nullable=False),
    of_workspace('insights_progress'),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_insights_progress'))
    )
    op.create_table('whatsapp_charges',
    sa.Column('channel_id', sa.Uuid(), nullable=False),
    sa.Column('wamid', sa.Text(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('at', TIME, nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_whatsapp_charges_channel_id'), ondelete='CASCADE'),
    of_workspace('whatsapp_charges'),
    sa.PrimaryKeyConstraint('channel_id', 'wamid', name=op.f('pk_whatsapp_charges'))
    )
    op.create_index(op.f('ix_whatsapp_charges_workspace_id_at'), 'whatsapp_charges', ['workspace_id', 'at'], unique=False)
    op.create_table('whatsapp_charges_progress',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('read_until', TIME, nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_whatsapp_charges_progress'))
    )
    # Nullable and without defaults: no row is rewritten, and processes of the version before do not mind.
    op.add_column('api_tokens', sa.Column('last_used_at', TIME, nullable=True))
    op.add_column('agent_configs', sa.Column('whatsapp_prices', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('channels', sa.Column('verified_at', TIME, nullable=True))
    op.create_index(op.f('ix_orders_workspace_id_created_at'), 'orders', ['workspace_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_handoffs_workspace_id_created_at'), 'handoffs', ['workspace_id', 'created_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_handoffs_workspace_id_created_at'), 'handoffs')
    op.drop_index(op.f('ix_orders_workspace_id_created_at'), 'orders')
    op.drop_column('channels', 'verified_at')
    op.drop_column('agent_configs', 'whatsapp_prices')
    op.drop_column('api_tokens', 'last_used_at')
    for table in TABLES:
        op.drop_table(table)
