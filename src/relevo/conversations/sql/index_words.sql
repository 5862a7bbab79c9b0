-- The words of messages that are new since the last time, for the search. Follows the event log, which shows nothing before
-- it is final; where another process is at it, nothing is done. Counts what was read: less than `limit` is all there was.
with place as (
    select xact, event_id from relays where name = 'search' for no key update skip locked
),
horizon as (
    select pg_snapshot_xmin(pg_current_snapshot()) as xmin
),
news as (
    select n.xact, n.id, (n.data ->> 'messageId')::uuid as message_id
    from place p cross join horizon h cross join workspaces w cross join lateral (
        select xact, id, data from events
        where workspace_id = w.id and (xact, id) > (p.xact, p.event_id) and xact < h.xmin
          and type = any(array['agent/whatsapp.message_received', 'agent/whatsapp.attachment_received',
                               'message.received', 'message.echoed', 'message.planned'])
        order by xact, id limit %(limit)s) n
    order by n.xact, n.id limit %(limit)s
),
indexed as (
    insert into message_words (message_id, arrival, words)
    select m.id, m.arrival, search_words(m.workspace_id, m.arrival >> 14, m.text)
    from messages m where m.id = any(array(select message_id from news)) and m.text <> ''
    on conflict do nothing
),
seen as (
    select count(*) as count, (array_agg(xact order by xact desc, id desc))[1] as xact,
           (array_agg(id order by xact desc, id desc))[1] as id
    from news
),
moved as (
    update relays r
    set moved_at = now(),
        xact = case when s.count < %(limit)s then (h.xmin::text::bigint - 1)::text::xid8 else s.xact end,
        event_id = case when s.count < %(limit)s then 9223372036854775807 else s.id end
    from place p, seen s, horizon h
    where r.name = 'search' and (s.count > 0 or r.xact < (h.xmin::text::bigint - 1)::text::xid8)
)
select count from seen
