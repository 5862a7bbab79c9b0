-- The deadline of a message of unknown fate has passed without a status. Has WhatsApp told us since of things that happened
-- on the channel clearly after it was sent? Then it would have told us of this message, too. Provider times are whole
-- seconds; a delivery that is late or tried again for long tells of older things and proves nothing.
select exists (
    select from deliveries d
    where d.channel_id = %(channel)s and d.received_at > %(since)s
      and d.heard_until >= %(since)s + interval '3 seconds'
) as caught_up
