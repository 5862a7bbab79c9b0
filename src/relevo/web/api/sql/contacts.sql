select c.id, c.name, c.tags, c.fields, c.opted_out_at, c.marketing_opted_out_at, c.created_at,
       coalesce((select jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value) order by i.kind, i.value)
                 from contact_identities i where i.contact_id = c.id), '[]'::jsonb) as identities
from contacts c
where c.workspace_id = %(workspace)s
  and (%(one)s::uuid is null or c.id = %(one)s)
  and (%(tag)s::text is null or %(tag)s = any(c.tags))
  and (%(search)s::text is null or c.name ilike %(search)s
       or exists (select from contact_identities i where i.contact_id = c.id and i.value ilike %(search)s))
  and (%(after_created_at)s::timestamptz is null
       or (c.created_at, c.id) < (%(after_created_at)s::timestamptz, %(after_id)s::uuid))
order by c.created_at desc, c.id desc
limit %(limit)s
