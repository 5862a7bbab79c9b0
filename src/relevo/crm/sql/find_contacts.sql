-- Who of these people is known, by which identity, and whether they already talk with that channel.
-- `limit 1` on unique keys keeps the planner from reading whole tables for what it takes for a hundred people.
select w.n, w.place, i.contact_id, v.id as conversation_id
from jsonb_to_recordset(%(people)s::jsonb) as w (n int, place int, workspace_id uuid, channel_id uuid, kind text, value text)
cross join lateral (
    select contact_id from contact_identities
    where workspace_id = w.workspace_id and kind = w.kind and value = w.value limit 1) i
left join lateral (
    select id from conversations where channel_id = w.channel_id and contact_id = i.contact_id limit 1) v on true
