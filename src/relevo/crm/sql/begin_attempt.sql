-- Counts an attempt and says when the next one may come; no row: this one came too early, and does not count.
insert into sign_in_throttle as t (key, attempts) values (%(key)s, 1)
on conflict (key) do update
set attempts = case when t.last_at < now() - interval '1 hour' then 1 else t.attempts + 1 end,
    last_at = now(),
    blocked_until = now() + case
        when t.last_at < now() - interval '1 hour' or t.attempts + 1 < %(free)s then interval '0'
        else make_interval(secs => least(%(longest)s, power(2, least(t.attempts + 1 - %(free)s, 20))))
    end
where t.blocked_until <= now()
returning attempts
