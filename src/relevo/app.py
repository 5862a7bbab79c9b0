"""The composition root: settings in, running parts out. The only place that knows every part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.conversations.books import Books
from relevo.conversations.channels import Channels
from relevo.conversations.deliver import Delivery
from relevo.conversations.group_commit import GroupCommit
from relevo.conversations.own_playbooks import OwnPlaybooks
from relevo.conversations.playbook_agents import PlaybookAgents
from relevo.conversations.run import ConversationRuns
from relevo.conversations.sender import Sender
from relevo.conversations.sweep import Sweep
from relevo.conversations.turn import Agents, Turns
from relevo.conversations.words import WordIndex
from relevo.crm.outgoing_webhooks import OutgoingWebhooks
from relevo.crm.rotation import RotationRuns
from relevo.durable.actor import CONVERSATION, OUTGOING_WEBHOOK, ROTATION, SWEEP, Behaviour
from relevo.durable.local import LocalEngine
from relevo.insights.keep import Keeper
from relevo.store.database import Database, fetch_all
from relevo.store.schema import require_current_schema
from relevo.web.api.access import Services
from relevo.web.api.media_shelf import MediaShelf
from relevo.web.application import create_application
from relevo.web.health import Health
from relevo.web.live import Tail
from relevo.web.site import Site
from relevo.whatsapp.client import WhatsAppClient

if TYPE_CHECKING:
    from fastapi import FastAPI
    from inngest import Inngest

    from relevo.durable.inngest.parts import InngestParts
    from relevo.settings import Settings
    from relevo.store.secrets import SecretBox

_AGENTS_IN_USE = """
select distinct on (agent, own) agent, workspace_id
from (select a.conversational_agent_id as agent, a.workspace_id,
             case when p.slug is not null or s.slug is not null then a.workspace_id end as own
      from agent_configs a
      left join playbooks p on p.workspace_id = a.workspace_id and p.slug = a.conversational_agent_id
      left join playbook_settings s on s.workspace_id = a.workspace_id and s.slug = a.conversational_agent_id
      where a.agent_enabled) chosen
"""


class Relevo:
    """One process's parts. Which of them run is the command's choice: web, worker or both."""

    def __init__(
        self,
        settings: Settings,
        *,
        database_url: str,
        secrets: SecretBox,
        agents: Agents,
        inngest: Inngest | None = None,
    ) -> None:
        self.settings = settings
        direct = settings.database_direct_url
        self.database = Database(
            database_url,
            pool_size=settings.database_pool,
            pooled=settings.database_pooled,
            direct_url=direct.get_secret_value() if direct else None,
        )
        self.client = WhatsAppClient(api_url=settings.whatsapp_api_url)
        self.agents = agents
        if isinstance(agents, PlaybookAgents):
            agents.look_into(OwnPlaybooks(self.database))
        self.secrets = secrets
        self.channels = Channels(self.database, secrets)
        self.health = Health(self.database)
        self.commits = GroupCommit(self.database)
        sender = Sender(self.client, secrets)
        turns = Turns(self.database, agents, sender)
        delivery = Delivery(self.database, sender, settle_seconds=settings.settle_seconds)
        conversations = ConversationRuns(self.database, turns, delivery)
        self.sweep = Sweep(
            self.database,
            retention_days=settings.delivery_retention_days,
            chores=(Keeper(self.database), WordIndex(self.database)),
        )
        rotation = RotationRuns(self.database)
        self.outgoing = OutgoingWebhooks(self.database, secrets)
        self.behaviours = {
            CONVERSATION: Behaviour(conversations.run, conversations.give_up),
            ROTATION: Behaviour(rotation.run, rotation.give_up),
            OUTGOING_WEBHOOK: Behaviour(self.outgoing.run, self.outgoing.give_up),
            SWEEP: Behaviour(self.sweep.run, self.sweep.give_up),
        }

        self.live = Tail(self.database)
        self.inngest = self._inngest(inngest) if settings.engine == "inngest" else None

    def _inngest(self, client: Inngest | None) -> InngestParts:
        from relevo.durable.inngest.parts import InngestParts  # noqa: PLC0415 - its SDK loads where it is the engine

        return InngestParts(
            self.database,
            self.behaviours,
            client,
            lease_seconds=self.settings.lease_seconds,
            max_runs=self.settings.worker_runs,
        )

    def local_engine(self) -> LocalEngine:
        """Make a worker."""
        return LocalEngine(
            self.database,
            self.behaviours,
            lease_seconds=self.settings.lease_seconds,
            max_runs=self.settings.worker_runs,
        )

    async def start(self) -> None:
        """Check that code and database fit before anything is accepted.

        Raises:
            SchemaOutdatedError: `relevo migrate` is needed.

        """
        await require_current_schema(self.database)

    async def start_work(self) -> None:
        """Get ready to run a worker: the sweep on its round, playbooks in memory before a customer asks."""
        await self.sweep.start()
        if self.inngest is not None:
            await self.inngest.start()
        if isinstance(self.agents, PlaybookAgents):
            async with self.database.reading() as connection:
                rows = await fetch_all(connection, _AGENTS_IN_USE, {})
            await self.agents.warm([(row["agent"], row["workspace_id"]) for row in rows])

    def hang_up(self) -> None:
        """End what would stay open for as long as its reader likes: live events. Before a server is told to stop."""
        self.live.hang_up()

    async def stop(self) -> None:
        """Let go of everything."""
        await self.live.close()
        await self.client.aclose()
        if self.inngest is not None:
            await self.inngest.close()
        await self.outgoing.aclose()
        await self.database.close()

    def web(self) -> FastAPI:
        """Make the web application."""
        application = create_application(
            channels=self.channels,
            commits=self.commits,
            health=self.health,
            more=self.inngest.routes() if self.inngest is not None else (),
            services=Services(self.database, self.secrets, Site.of(self.settings)),
            start=self.start,
            stop=self.stop,
        )
        application.state.whatsapp = self.client
        application.state.live = self.live
        application.state.books = Books(self.database)
        application.state.media = MediaShelf(self.client)
        application.state.templates = {}
        return application
