"""inbox

Revision ID: 0005
Revises: 0004

On a big installation the words of all messages take minutes; nothing waits for them but this migration. The indexes of
messages and conversations hold up writing while they are built (WhatsApp delivers again what was refused meanwhile); to
avoid that, make them `concurrently` before migrating: what exists is left alone.
"""
from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from relevo.store.migrations.sql_script import run_script

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

INDEXES = (
    # The list's filters are one range of an index each, newest activity first. Chats that people have had are few, so the
    # first costs the way of a message nothing there; the second is written along with each message of a chat that the
    # agent has, next to the index of the unfiltered list: without it, a shop whose people keep nearly all chats would
    # read all of them for the few the agent has.
    "ix_conversations_mine on conversations (workspace_id, owner_member_id, last_message_at desc, id desc)"
    " where owner_member_id is not null",
    "ix_conversations_agent on conversations (workspace_id, last_message_at desc, id desc)"
    " where agent_conversational is not false",
    # Reactions are shown on what they are about; they are rare, and nothing else of a chat need be read for them.
    "ix_messages_reactions on messages (conversation_id) where kind = 'reaction'",
    "ix_contacts_words on contacts using gin (search_words(workspace_id, 0::bigint, name)) where name is not null",
    # Typed from the left, with or without the country's code, and from the right (the last digits).
    "ix_contact_identities_value on contact_identities (workspace_id, lower(value) text_pattern_ops)",
    "ix_contact_identities_reverse on contact_identities (workspace_id, reverse(value) text_pattern_ops)"
    " where kind = 'phone'",
)


def upgrade() -> None:
    run_script("0005_inbox")
    op.create_table('conversation_reads',
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('read_arrival', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], name=op.f('fk_conversation_reads_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_conversation_reads_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('member_id', 'conversation_id', name=op.f('pk_conversation_reads'))
    )
    op.create_index(op.f('ix_conversation_reads_conversation_id'), 'conversation_reads', ['conversation_id'])
    op.create_table('inbox_floors',
    sa.Column('member_id', sa.Uuid(), nullable=False),
    sa.Column('read_until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_inbox_floors_member_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('member_id', name=op.f('pk_inbox_floors'))
    )
    op.create_table('canned_replies',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workspace_id', sa.Uuid(), nullable=False),
    sa.Column('shortcut', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_canned_replies_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies')),
    sa.UniqueConstraint('workspace_id', 'shortcut', name=op.f('uq_canned_replies_workspace_id_shortcut'))
    )
    op.create_table('message_words',
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('arrival', sa.BigInteger(), nullable=False),
    sa.Column('words', TSVECTOR(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['messages.id'], name=op.f('fk_message_words_message_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_message_words'))
    )
    # The place is noted first: what is committed later lies behind it in the log.
    op.execute(
        "insert into relays (name, xact, event_id) select 'search',"
        " (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text::xid8, 9223372036854775807"
    )
    op.execute(
        "insert into message_words (message_id, arrival, words)"
        " select id, arrival, search_words(workspace_id, arrival >> 14, text) from messages where text <> ''"
    )
    op.create_index(op.f('ix_message_words_words'), 'message_words', ['words'], postgresql_using='gin')
    for index in INDEXES:
        op.execute(f"create index if not exists {index}")


def downgrade() -> None:
    raise NotImplementedError("Restore a backup: marks of what was read and canned replies would be lost.")
