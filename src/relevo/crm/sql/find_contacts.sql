-- Who of these people is known, by which identity, and whether they already talk with that channel.
select w.n, w.place, i.contact_id, v.id as conversation_id
from jsonb_to_recordset(%(people)s::jsonb) as w (n int, place int, workspace_id uuid, channel_id uuid, kind text, value text)
join contact_identities i on i.workspace_id = w.workspace_id and i.kind = w.kind and i.value = w.value
left join conversations v on v.channel_id = w.channel_id and v.contact_id = i.contact_id
