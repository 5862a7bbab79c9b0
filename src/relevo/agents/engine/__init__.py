"""The engine: playbook, session state and messages in, Decision out. Pure: it sends nothing and keeps nothing."""

from relevo.agents.engine.agent import PlaybookAgent
from relevo.agents.engine.conversation import Conversation
from relevo.agents.engine.load import load_agent, load_playbook

__all__ = ["Conversation", "PlaybookAgent", "load_agent", "load_playbook"]
