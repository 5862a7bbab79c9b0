"""ownership rules

Revision ID: 0002
Revises: 0001
"""
from alembic import op

from relevo.store.migrations.sql_script import run_script

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Apart from its table, as teams and agent_configs know each other.
    op.create_foreign_key(op.f('fk_agent_configs_handoff_team_id_workspace_id'), 'agent_configs', 'teams', ['handoff_team_id', 'workspace_id'], ['id', 'workspace_id'], ondelete='SET NULL (handoff_team_id)', use_alter=True)
    run_script("0002_ownership_rules")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup: the ledger and handoffs would be lost.")
