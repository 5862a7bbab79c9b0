"""Tables as SQLAlchemy sees them. Rules that hold whatever writes live in the migrations: constraints and triggers."""

from relevo.store.tables.base import Base
from relevo.store.tables.channels import Channel, Delivery, SetAside
from relevo.store.tables.customers import Contact, ContactIdentity, Conversation
from relevo.store.tables.durable import Event, Mailbox, Relay
from relevo.store.tables.endpoints import WebhookDeadLetter, WebhookEndpoint
from relevo.store.tables.handoffs import Assignment, Handoff, TaskComment
from relevo.store.tables.inbox import CannedReply, ConversationRead, InboxFloor, MessageWords
from relevo.store.tables.insights import (
    ChargesProgress,
    InsightsActivity,
    InsightsModelCost,
    InsightsProgress,
    InsightsWaits,
    WhatsAppCharge,
)
from relevo.store.tables.messages import Message, Session, Turn
from relevo.store.tables.people import Member, MemberDevice, Team, TeamMember
from relevo.store.tables.shop import Playbook, PlaybookSettings, PlaybookVersion
from relevo.store.tables.sign_in import OneTimeLink, SignInThrottle, User, UserSession
from relevo.store.tables.work import FollowUp, Order, Task
from relevo.store.tables.workspaces import AgentConfig, ApiToken, Workspace

__all__ = [
    "AgentConfig",
    "ApiToken",
    "Assignment",
    "Base",
    "CannedReply",
    "Channel",
    "ChargesProgress",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "ConversationRead",
    "Delivery",
    "Event",
    "FollowUp",
    "Handoff",
    "InboxFloor",
    "InsightsActivity",
    "InsightsModelCost",
    "InsightsProgress",
    "InsightsWaits",
    "Mailbox",
    "Member",
    "MemberDevice",
    "Message",
    "MessageWords",
    "OneTimeLink",
    "Order",
    "Playbook",
    "PlaybookSettings",
    "PlaybookVersion",
    "Relay",
    "Session",
    "SetAside",
    "SignInThrottle",
    "Task",
    "TaskComment",
    "Team",
    "TeamMember",
    "Turn",
    "User",
    "UserSession",
    "WebhookDeadLetter",
    "WebhookEndpoint",
    "WhatsAppCharge",
    "Workspace",
]
