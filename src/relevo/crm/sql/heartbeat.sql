-- An inbox is open on this device; returns whether its member was noticed to be online before.
with beat as (
    insert into member_devices (member_id, device, seen_at)
    select id, %(device)s, clock_timestamp() from members where id = %(member)s
    on conflict (member_id, device) do update set seen_at = excluded.seen_at
    returning member_id
)
select m.online_since is not null as noticed from beat join members m on m.id = beat.member_id
