insert into set_aside_updates (id, delivery_id, position, error)
values (%(id)s, %(delivery)s, %(position)s, %(error)s)
on conflict (delivery_id, position) do update set error = excluded.error, replayed_at = null
