-- Attach identities to contacts, creating the contacts that win. An identity somebody has already stays where it is:
-- of two transactions adding the same stranger one creates the contact, the other finds it afterwards.
with wanted as (
    select * from jsonb_to_recordset(%(identities)s::jsonb)
        as w (workspace_id uuid, kind text, value text, contact_id uuid, name text, is_new boolean)
),
added as (
    insert into contact_identities (workspace_id, kind, value, contact_id)
    select workspace_id, kind, value, contact_id from wanted
    order by workspace_id, kind, value
    on conflict do nothing
    returning contact_id
)
insert into contacts (id, workspace_id, name)
select distinct on (w.contact_id) w.contact_id, w.workspace_id, w.name
from wanted w where w.is_new and w.contact_id in (select contact_id from added)
order by w.contact_id
