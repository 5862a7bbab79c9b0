-- The deadline of a message of unknown fate has passed without a status. Did the channel tell us anything since?
select exists (
    select from deliveries d where d.channel_id = %(channel)s and d.received_at > %(since)s
) as channel_talks
