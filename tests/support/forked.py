"""What forked processes have from birth: all they will import, and none of it for the garbage collector to walk."""

from __future__ import annotations

import gc
from importlib import import_module

from relevo.store.schema import latest_revision

for _name in (
    "support.crash_child",
    "relevo.durable.inngest.parts",
    "uvicorn.lifespan.on",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "httpcore2",
):
    import_module(_name)

latest_revision()
gc.collect()
gc.freeze()
