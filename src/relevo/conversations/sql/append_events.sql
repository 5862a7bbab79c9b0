insert into events (workspace_id, conversation_id, type, data)
select workspace_id, conversation_id, type, data
from jsonb_to_recordset(%(events)s::jsonb) as e (workspace_id uuid, conversation_id uuid, type text, data jsonb)
