insert into conversations (id, workspace_id, channel_id, contact_id)
select id, workspace_id, channel_id, contact_id
from jsonb_to_recordset(%(wanted)s::jsonb) as w (id uuid, workspace_id uuid, channel_id uuid, contact_id uuid)
order by channel_id, contact_id
on conflict (channel_id, contact_id) do update set channel_id = excluded.channel_id
returning id, channel_id, contact_id
