-- Customers whose name has these words, or one of whose identities reads like that: a bounded number of them, not sorted.
(select c.id, 'name' as by from contacts c
 where %(words)s::text is not null and c.name is not null and c.workspace_id = %(workspace)s
   and search_words(c.workspace_id, 0::bigint, c.name) @@ %(words)s::tsquery
 limit %(bound)s)
union all
(select i.contact_id, 'identity' from unnest(%(starts)s::text[]) s (pattern)
 cross join lateral (select contact_id from contact_identities
                     where workspace_id = %(workspace)s and lower(value) like s.pattern limit %(bound)s) i)
union all
(select i.contact_id, 'identity' from contact_identities i
 where %(end)s::text is not null and i.kind = 'phone' and i.workspace_id = %(workspace)s
   and reverse(i.value) like %(end)s
 limit %(bound)s)
