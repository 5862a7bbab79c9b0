"""receive

Revision ID: 0007
Revises: 0006
"""
from alembic import op

from relevo.store.migrations.sql_script import run_script

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script("0007_receive")


def downgrade() -> None:
    op.execute("drop function receive_messages(uuid[], uuid[], timestamptz[], bytea[], text[], timestamptz[], jsonb, jsonb, float8)")
    op.execute("drop function receive_statuses(uuid[], uuid[], timestamptz[], bytea[], text[], timestamptz[], jsonb)")
    op.execute("drop function find_or_create_conversations(jsonb)")
    op.execute("create index ix_contact_identities_contact_id on contact_identities (contact_id)")
    op.execute("drop index ix_contact_identities_contact_id_kind")
    op.execute("drop trigger guard_insert on messages")
    op.execute("create trigger guard_insert before insert on messages for each row execute function guard_message_insert()")
