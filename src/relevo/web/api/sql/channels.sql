-- Channels as the API shows them, newest first. When webhooks came in is told by the ends of one index.
select c.id, c.provider, c.phone_number_id, c.phone, c.api_url, c.status, c.status_reason, c.paused_until, c.verified_at,
       c.created_at, first.at as first_webhook_at, last.at as last_webhook_at,
       -- Raw bodies are cleared after a while; conversations stay.
       first.at is not null or exists (select from conversations v where v.channel_id = c.id) as receiving
from channels c
left join lateral (select d.received_at as at from deliveries d
                   where d.channel_id = c.id order by d.received_at limit 1) first on true
left join lateral (select d.received_at as at from deliveries d
                   where d.channel_id = c.id order by d.received_at desc limit 1) last on true
where c.workspace_id = %(workspace)s
  and (%(one)s::uuid is null or c.id = %(one)s)
  and (%(after_id)s::uuid is null or c.id < %(after_id)s::uuid)
order by c.id desc
limit %(limit)s
