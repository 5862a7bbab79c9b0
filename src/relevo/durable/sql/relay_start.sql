-- A relay that never ran begins now: what happened before is not news.
insert into relays (name, xact, event_id)
values (%(name)s, pg_snapshot_xmin(pg_current_snapshot()), 0)
on conflict do nothing
