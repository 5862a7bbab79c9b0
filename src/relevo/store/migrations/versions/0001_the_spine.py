"""the spine

Revision ID: 0001
Revises: 
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from relevo.store.migrations.sql_script import run_script
from relevo.store.tables.base import Xid8

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('xact', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=True),
    sa.Column('type', sa.Text(), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events'))
    )
    op.create_index('ix_events_conversation_id_id', 'events', ['conversation_id', 'id'], unique=False)
    op.create_index(op.f('ix_events_workspace_id_xact_id'), 'events', ['workspace_id', 'xact', 'id'], unique=False)
    op.create_table('mailbox',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_token', sa.Uuid(), nullable=True),
    sa.Column('leased_by', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('crashes', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('(lease_token is null) = (lease_until is null)', name=op.f('ck_mailbox_lease')),
    sa.PrimaryKeyConstraint('kind', 'key', name=op.f('pk_mailbox')),
    postgresql_with={'fillfactor': '70', 'autovacuum_vacuum_scale_factor': '0.05'}
    )
    op.create_index('ix_mailbox_due', 'mailbox', ['workspace_id', 'due_at'], unique=False, postgresql_where=sa.text('due_at is not null and lease_token is null'))
    op.create_index('ix_mailbox_failed', 'mailbox', ['failed_at'], unique=False, postgresql_where=sa.text('failed_at is not null'))
    op.create_index('ix_mailbox_leased', 'mailbox', ['lease_until'], unique=False, postgresql_where=sa.text('lease_token is not null'))
    op.create_table('workspaces',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workspaces')),
    sa.UniqueConstraint('name', name=op.f('uq_workspaces_name'))
    )
    op.create_table('agent_configs',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('agent_enabled', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('conversational_agent_id', sa.Text(), server_default='tostadora', nullable=False),
    sa.Column('crm_agents_enabled', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('handoff_message', sa.Text(), server_default='Regálame 1 min, ya te comunico con un asesor', nullable=False),
    sa.Column('timer_preset', sa.Text(), server_default='real', nullable=False),
    sa.Column('response_speed', sa.Double(), server_default=sa.text('1'), nullable=False),
    sa.Column('burst_quiet_seconds', sa.Double(), server_default=sa.text('4'), nullable=False),
    sa.Column('burst_max_seconds', sa.Double(), server_default=sa.text('12'), nullable=False),
    sa.Column('human_reply', sa.Text(), server_default='take_over', nullable=False),
    sa.Column('release_after', sa.Interval(), nullable=True),
    sa.Column('language', sa.Text(), server_default='es', nullable=False),
    sa.Column('people_hours', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('out_of_hours_message', sa.Text(), nullable=True),
    sa.Column('member_capacity', sa.Integer(), server_default=sa.text('5'), nullable=False),
    sa.Column('sticky_assignment', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('handoff_team_id', sa.Uuid(), nullable=True),
    sa.Column('away_after', sa.Interval(), server_default=sa.text("interval '3 minutes'"), nullable=False),
    sa.Column('reassign_after', sa.Interval(), server_default=sa.text("interval '10 minutes'"), nullable=True),
    sa.Column('task_due_after', sa.Interval(), server_default=sa.text("interval '30 minutes'"), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("human_reply in ('take_over', 'coexist')", name=op.f('ck_agent_configs_human_reply')),
    sa.CheckConstraint("language in ('es', 'en', 'pt')", name=op.f('ck_agent_configs_language')),
    sa.CheckConstraint("timer_preset in ('real', 'rapido', 'instantaneo')", name=op.f('ck_agent_configs_timer_preset')),
    sa.CheckConstraint('burst_quiet_seconds >= 0 and burst_max_seconds >= burst_quiet_seconds', name=op.f('ck_agent_configs_burst')),
    sa.CheckConstraint('member_capacity >= 1', name=op.f('ck_agent_configs_member_capacity')),
    sa.CheckConstraint('response_speed > 0', name=op.f('ck_agent_configs_response_speed')),
    sa.ForeignKeyConstraint(['handoff_team_id', 'workspace_id'], ['teams.id', 'teams.workspace_id'], name=op.f('fk_agent_configs_handoff_team_id_workspace_id'), ondelete='SET NULL (handoff_team_id)', use_alter=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_agent_configs_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_agent_configs'))
    )
    op.create_table('api_tokens',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_api_tokens_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    op.create_table('channels',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('phone_number_id', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('api_url', sa.Text(), nullable=True),
    sa.Column('access_token', sa.LargeBinary(), nullable=False),
    sa.Column('app_secret', sa.LargeBinary(), nullable=True),
    sa.Column('verify_token', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('status_reason', sa.Text(), nullable=True),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("provider in ('meta', '360dialog')", name=op.f('ck_channels_provider')),
    sa.CheckConstraint("status in ('active', 'stopped')", name=op.f('ck_channels_status')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_channels_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channels')),
    sa.UniqueConstraint('phone_number_id', name=op.f('uq_channels_phone_number_id'))
    )
    op.create_table('contacts',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('tags', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
    sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('marketing_opted_out_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_contacts_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts'))
    )
    op.create_index(op.f('ix_contacts_workspace_id_created_at'), 'contacts', ['workspace_id', 'created_at'], unique=False)
    op.create_table('members',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), server_default='agent', nullable=False),
    sa.Column('in_rotation', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('presence', sa.Text(), server_default='auto', nullable=False),
    sa.Column('online_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_assignment', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('deactivated_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("presence in ('auto', 'online', 'away', 'offline')", name=op.f('ck_members_presence')),
    sa.CheckConstraint("role in ('owner', 'admin', 'agent')", name=op.f('ck_members_role')),
    sa.CheckConstraint('capacity >= 0', name=op.f('ck_members_capacity')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_members_email')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_members_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_members')),
    sa.UniqueConstraint('id', 'workspace_id', name=op.f('uq_members_id_workspace_id')),
    sa.UniqueConstraint('workspace_id', 'email', name=op.f('uq_members_workspace_id_email'))
    )
    op.create_table('teams',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_teams_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('id', 'workspace_id', name=op.f('uq_teams_id_workspace_id')),
    sa.UniqueConstraint('workspace_id', 'name', name=op.f('uq_teams_workspace_id_name'))
    )
    op.create_table('webhook_endpoints',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('types', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('cursor_xact', Xid8(), nullable=False),
    sa.Column('cursor_id', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('last_success_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status in ('active', 'disabled')", name=op.f('ck_webhook_endpoints_status')),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_webhook_endpoints_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_endpoints'))
    )
    op.create_index(op.f('ix_webhook_endpoints_workspace_id'), 'webhook_endpoints', ['workspace_id'], unique=False)
    op.create_table('contact_identities',
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('phone', 'bsuid', 'username', 'other')", name=op.f('ck_contact_identities_kind')),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_contact_identities_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_contact_identities_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id', 'kind', 'value', name=op.f('pk_contact_identities'))
    )
    op.create_index(op.f('ix_contact_identities_contact_id'), 'contact_identities', ['contact_id'], unique=False)
    op.create_table('conversations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('channel_id', sa.Uuid(), nullable=False),
    sa.Column('contact_id', sa.Uuid(), nullable=False),
    sa.Column('agent_conversational', sa.Boolean(), nullable=True),
    sa.Column('agent_crm', sa.Boolean(), nullable=True),
    sa.Column('owner', sa.Text(), server_default='agent', nullable=False),
    sa.Column('epoch', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('restarts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('owner_member_id', sa.Uuid(), nullable=True),
    sa.Column('owned_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_active_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('handed_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('window_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('pair_tat', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_inbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_outbound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_message_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("owner = 'agent' or agent_conversational is false", name=op.f('ck_conversations_person_silences_agent')),
    sa.CheckConstraint("owner in ('agent', 'person')", name=op.f('ck_conversations_owner')),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_conversations_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_conversations_contact_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['owner_member_id'], ['members.id'], name=op.f('fk_conversations_owner_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_conversations_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conversations')),
    sa.UniqueConstraint('channel_id', 'contact_id', name=op.f('uq_conversations_channel_id_contact_id')),
    sa.UniqueConstraint('id', 'workspace_id', 'channel_id', name=op.f('uq_conversations_id_workspace_id_channel_id')),
    sa.UniqueConstraint('id', 'workspace_id', name=op.f('uq_conversations_id_workspace_id'))
    )
    op.create_index(op.f('ix_conversations_contact_id'), 'conversations', ['contact_id'], unique=False)
    op.create_index(op.f('ix_conversations_workspace_id'), 'conversations', ['workspace_id', sa.literal_column('last_message_at desc'), sa.literal_column('id desc')], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel_id', sa.Uuid(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('heard_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['channel_id'], ['channels.id'], name=op.f('fk_deliveries_channel_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries'))
    )
    op.create_index(op.f('ix_deliveries_channel_id_received_at'), 'deliveries', ['channel_id', 'received_at'], unique=False)
    op.create_index(op.f('ix_deliveries_received_at'), 'deliveries', ['received_at'], unique=False)
    op.create_table('member_devices',
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('device', sa.Text(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_member_devices_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('member_id', 'device', name=op.f('pk_member_devices'))
    )
    op.create_table('team_members',
    sa.Column('team_id', sa.Uuid(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['member_id', 'workspace_id'], ['members.id', 'members.workspace_id'], name=op.f('fk_team_members_member_id_workspace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id', 'workspace_id'], ['teams.id', 'teams.workspace_id'], name=op.f('fk_team_members_team_id_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'member_id', name=op.f('pk_team_members'))
    )
    op.create_index(op.f('ix_team_members_member_id'), 'team_members', ['member_id'], unique=False)
    op.create_table('webhook_dead_letters',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('endpoint_id', sa.Uuid(), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='dead', nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state in ('dead', 'replaying', 'delivered')", name=op.f('ck_webhook_dead_letters_state')),
    sa.ForeignKeyConstraint(['endpoint_id'], ['webhook_endpoints.id'], name=op.f('fk_webhook_dead_letters_endpoint_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_webhook_dead_letters_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_dead_letters')),
    sa.UniqueConstraint('endpoint_id', 'event_id', name=op.f('uq_webhook_dead_letters_endpoint_id_event_id'))
    )
    op.create_index('ix_webhook_dead_letters_replay', 'webhook_dead_letters', ['endpoint_id', 'id'], unique=False, postgresql_where=sa.text("state = 'replaying'"))
    op.create_table('sessions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_sessions_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_sessions_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_conversation_id'), 'sessions', ['conversation_id'], unique=False)
    op.create_index('uq_sessions_active', 'sessions', ['conversation_id'], unique=True, postgresql_where=sa.text('ended_at is null'))
    op.create_table('set_aside_updates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('delivery_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('replayed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['delivery_id'], ['deliveries.id'], name=op.f('fk_set_aside_updates_delivery_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_aside_updates')),
    sa.UniqueConstraint('delivery_id', 'position', name=op.f('uq_set_aside_updates_delivery_id_position'))
    )
    op.create_index(op.f('ix_set_aside_updates_created_at'), 'set_aside_updates', ['created_at'], unique=False, postgresql_where=sa.text('replayed_at is null'))
    op.create_table('tasks',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('priority', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='open', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('assignee_id', sa.Uuid(), nullable=True),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('act_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('avoid_member_id', sa.Uuid(), nullable=True),
    sa.Column('queued_because', sa.Text(), server_default='new', nullable=False),
    sa.Column('queue_noted', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('overdue_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('snoozed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(status = 'done') = (done_at is not null)", name=op.f('ck_tasks_done')),
    sa.CheckConstraint("priority in ('low', 'normal', 'high')", name=op.f('ck_tasks_priority')),
    sa.CheckConstraint("status in ('open', 'done')", name=op.f('ck_tasks_status')),
    sa.CheckConstraint('assignee_id is null or assigned_at is not null', name=op.f('ck_tasks_assigned')),
    sa.ForeignKeyConstraint(['assignee_id', 'workspace_id'], ['members.id', 'members.workspace_id'], name=op.f('fk_tasks_assignee_id_workspace_id'), ondelete='SET NULL (assignee_id)'),
    sa.ForeignKeyConstraint(['conversation_id', 'workspace_id'], ['conversations.id', 'conversations.workspace_id'], name=op.f('fk_tasks_conversation_id_workspace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_tasks_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    op.create_index('ix_tasks_assignee', 'tasks', ['assignee_id'], unique=False, postgresql_where=sa.text("status = 'open'"))
    op.create_index('ix_tasks_waiting', 'tasks', ['workspace_id', 'created_at', 'id'], unique=False, postgresql_where=sa.text("status = 'open' and kind = 'handoff'"))
    op.create_index(op.f('ix_tasks_workspace_id_status'), 'tasks', ['workspace_id', 'status', sa.literal_column('created_at desc')], unique=False)
    op.create_index('uq_tasks_open', 'tasks', ['conversation_id', 'kind'], unique=True, postgresql_where=sa.text("status = 'open'"))
    op.create_table('assignments',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=True),
    sa.Column('previous_member_id', sa.Uuid(), nullable=True),
    sa.Column('by_member_id', sa.Uuid(), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('considered', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("cause in ('new', 'offline', 'not_acting', 'given_back', 'by_hand', 'taken')", name=op.f('ck_assignments_cause')),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_assignments_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_assignments_task_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_assignments_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignments'))
    )
    op.create_index(op.f('ix_assignments_conversation_id_id'), 'assignments', ['conversation_id', 'id'], unique=False)
    op.create_index(op.f('ix_assignments_task_id_id'), 'assignments', ['task_id', 'id'], unique=False)
    op.create_index(op.f('ix_assignments_workspace_id_id'), 'assignments', ['workspace_id', 'id'], unique=False)
    op.create_table('handoffs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('silent_because', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("asked_by in ('agent', 'person', 'failed_run')", name=op.f('ck_handoffs_asked_by')),
    sa.CheckConstraint('(words is null) = (silent_because is not null)', name=op.f('ck_handoffs_words_or_reason')),
    sa.ForeignKeyConstraint(['conversation_id', 'workspace_id'], ['conversations.id', 'conversations.workspace_id'], name=op.f('fk_handoffs_conversation_id_workspace_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_handoffs_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handoffs')),
    sa.UniqueConstraint('conversation_id', 'epoch', name=op.f('uq_handoffs_conversation_id_epoch'))
    )
    op.create_table('task_comments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_task_comments_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['task_id'], ['tasks.id'], name=op.f('fk_task_comments_task_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_task_comments_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_task_comments'))
    )
    op.create_index(op.f('ix_task_comments_task_id_created_at'), 'task_comments', ['task_id', 'created_at'], unique=False)
    op.create_table('turns',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='decided', nullable=False),
    sa.Column('discardable', sa.Boolean(), nullable=False),
    sa.Column('session_before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('explanation', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('usage', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('cost_usd', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('decided', 'discarded')", name=op.f('ck_turns_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_turns_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_turns_session_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_turns_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_turns'))
    )
    op.create_index('ix_turns_cost', 'turns', ['workspace_id', 'created_at'], unique=False, postgresql_where=sa.text("cost_usd > 0"))
    op.create_index(op.f('ix_turns_conversation_id_created_at'), 'turns', ['conversation_id', 'created_at'], unique=False)
    op.create_table('follow_ups',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('turn_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), server_default='planned', nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(state in ('cancelled', 'skipped')) = (reason is not null)", name=op.f('ck_follow_ups_reason')),
    sa.CheckConstraint("state in ('planned', 'said', 'cancelled', 'skipped')", name=op.f('ck_follow_ups_state')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_follow_ups_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['turn_id'], ['turns.id'], name=op.f('fk_follow_ups_turn_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_follow_ups_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_ups'))
    )
    op.create_index('ix_follow_ups_planned', 'follow_ups', ['conversation_id', 'due_at'], unique=False, postgresql_where=sa.text("state = 'planned'"))
    op.create_table('messages',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('channel_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('arrival', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('direction', sa.Text(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('member_id', sa.Uuid(), nullable=True),
    sa.Column('sent_by_agent', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('wamid', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), server_default='', nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('reply_to', sa.Text(), nullable=True),
    sa.Column('provider_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('turn_id', sa.Uuid(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('outcome_reason', sa.Text(), nullable=True),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('asks', sa.Text(), nullable=True),
    sa.Column('essential', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=True),
    sa.Column('delay', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('sending_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settle_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('drop_reason', sa.Text(), nullable=True),
    sa.Column('trace', sa.Text(), nullable=True),
    sa.CheckConstraint("(direction = 'in') = (author = 'customer')", name=op.f('ck_messages_inbound_is_from_customer')),
    sa.CheckConstraint("(direction = 'in') = (state = 'received')", name=op.f('ck_messages_inbound_is_received')),
    sa.CheckConstraint("(state = 'dropped') = (drop_reason is not null)", name=op.f('ck_messages_dropped_has_reason')),
    sa.CheckConstraint("(state = 'unknown') <= (settle_at is not null)", name=op.f('ck_messages_unknown_has_deadline')),
    sa.CheckConstraint("author in ('customer', 'agent', 'person', 'phone')", name=op.f('ck_messages_author')),
    sa.CheckConstraint("direction = 'out' or wamid is not null", name=op.f('ck_messages_inbound_has_wamid')),
    sa.CheckConstraint("direction in ('in', 'out')", name=op.f('ck_messages_direction')),
    sa.CheckConstraint("member_id is null or author = 'person'", name=op.f('ck_messages_member_is_person')),
    sa.CheckConstraint("outcome in ('answered', 'coalesced', 'ignored', 'handed_off', 'failed')", name=op.f('ck_messages_outcome')),
    sa.CheckConstraint("outcome is null or direction = 'in'", name=op.f('ck_messages_outcome_of_inbound')),
    sa.CheckConstraint("sent_by_agent = (author = 'agent')", name=op.f('ck_messages_sent_by_agent')),
    sa.CheckConstraint("state in ('received', 'planned', 'sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'played', 'failed', 'dropped')", name=op.f('ck_messages_state')),
    sa.CheckConstraint("state not in ('accepted', 'sent', 'delivered', 'read', 'played') or wamid is not null", name=op.f('ck_messages_accepted_has_wamid')),
    sa.CheckConstraint('(outcome is null) = (outcome_reason is null)', name=op.f('ck_messages_outcome_has_reason')),
    sa.ForeignKeyConstraint(['conversation_id', 'workspace_id', 'channel_id'], ['conversations.id', 'conversations.workspace_id', 'conversations.channel_id'], name=op.f('fk_messages_conversation_id_workspace_id_channel_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_messages_member_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['turn_id'], ['turns.id'], name=op.f('fk_messages_turn_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_index(op.f('ix_messages_conversation_id_arrival'), 'messages', ['conversation_id', 'arrival'], unique=False)
    op.create_index('ix_messages_pending', 'messages', ['conversation_id'], unique=False, postgresql_where=sa.text("state in ('planned', 'sending', 'unknown')"))
    op.create_index('ix_messages_turn', 'messages', ['turn_id'], unique=False, postgresql_where=sa.text('turn_id is not null'))
    op.create_index('ix_messages_unaccounted', 'messages', ['conversation_id'], unique=False, postgresql_where=sa.text("direction = 'in' and outcome is null"))
    op.create_index('uq_messages_channel_id_wamid', 'messages', ['channel_id', 'wamid'], unique=True)
    op.create_table('orders',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('turn_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('total >= 0', name=op.f('ck_orders_total')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_orders_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_orders_session_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['turn_id'], ['turns.id'], name=op.f('fk_orders_turn_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_orders_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('workspace_id', 'number', name=op.f('uq_orders_workspace_id_number'))
    )
    op.create_index(op.f('ix_orders_conversation_id'), 'orders', ['conversation_id'], unique=False)
    op.create_index('uq_orders_open', 'orders', ['session_id'], unique=True, postgresql_where=sa.text('closed_at is null and session_id is not null'))
    run_script("0001_message_rules")


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first schema.")
