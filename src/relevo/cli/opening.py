"""Opens the store for a command: the database of the settings, or the embedded Postgres while it is needed."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from relevo.store.database import Database
    from relevo.store.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class Store:
    """Where the data is."""

    settings: Settings
    url: str
    data_dir: Path
    embedded: bool

    def secrets(self) -> SecretBox:
        """Return what opens the channels' secrets.

        Raises:
            ConfigurationError: no usable key.

        """
        from relevo.store.secrets import secret_box

        return secret_box(self.settings, self.data_dir)

    @asynccontextmanager
    async def database(self, *, any_schema: bool = False) -> AsyncGenerator[Database]:
        """Connect for the length of the block.

        Raises:
            SchemaOutdatedError: code and schema do not fit, unless `any_schema`.

        """
        from relevo.store.database import Database
        from relevo.store.schema import require_current_schema

        database = Database(self.url, pool_size=2, pooled=self.settings.database_pooled)
        try:
            if not any_schema:
                await require_current_schema(database)
            yield database
        finally:
            await database.close()


@contextmanager
def open_store(settings: Settings | None = None) -> Generator[Store]:
    """Find the database; with the embedded Postgres, stay attached until the block ends.

    Raises:
        ConfigurationError: a setting cannot be used.
        EmbeddedPostgresError: it does not start; says why.

    """
    settings = settings or load_settings()
    if settings.database_url is not None:
        yield Store(settings, settings.database_url.get_secret_value(), data_directory(settings), embedded=False)
        return
    from relevo.store.embedded import attach_sync

    directory = data_directory(settings)
    with attach_sync(directory) as attached:
        yield Store(settings, attached.url, directory, embedded=True)


def data_directory(settings: Settings) -> Path:
    """Return where local data lives."""
    if settings.data_dir is not None:
        return settings.data_dir.expanduser().absolute()
    from relevo.store.embedded.layout import default_data_dir

    return default_data_dir()
