-- Events the relay has not handed over, oldest first. Only below the oldest transaction still running: ids and
-- transaction ids are given out before commits, so above it something older may still appear.
-- Workspace by workspace along their index: nothing else of the log is read. One row without an event when there is none.
with horizon as (select pg_snapshot_xmin(pg_current_snapshot()) as xmin)
select h.xmin::text as horizon, e.xact::text as xact, e.id, e.workspace_id, e.conversation_id, e.type, e.data,
       e.created_at, extract(epoch from now() - e.created_at)::float8 as age, now() as read_at
from horizon h left join lateral (
    select n.*
    from workspaces w cross join lateral (
        select * from events
        where workspace_id = w.id and (xact, id) > (%(xact)s::xid8, %(id)s) and xact < h.xmin
          and type = any(%(types)s)
        order by xact, id limit %(limit)s) n
    order by n.xact, n.id limit %(limit)s) e on true
order by e.xact, e.id
