-- What is new and final in the log for these shops, each after its own place; and the horizon itself: everything of older
-- transactions has been shown. One row at least. The snapshot is that of the statement, so both fit together.
select h.xmin::text::bigint as horizon, e.workspace_id, e.id, e.xact::text::bigint as xact, e.conversation_id, e.type, e.data,
       e.created_at
from (select pg_snapshot_xmin(pg_current_snapshot()) as xmin) h
left join (unnest(%(workspaces)s::uuid[], %(xacts)s::text[]::xid8[], %(ids)s::bigint[]) as w (workspace, xact, id)
           cross join lateral (
               select * from events
               where workspace_id = w.workspace and (xact, id) > (w.xact, w.id)
                 and xact < pg_snapshot_xmin(pg_current_snapshot())
               order by xact, id limit %(limit)s) e) on true
order by e.xact, e.id
