-- What no writer, however wrong, can do to a message; and the events that are appended with every change of one.

create function message_rank(state text) returns int
language sql immutable parallel safe as $$
    select case state
        when 'planned' then 0 when 'sending' then 1 when 'unknown' then 2 when 'accepted' then 3
        when 'sent' then 4 when 'delivered' then 5 when 'read' then 6 when 'played' then 7
        when 'failed' then 8 when 'dropped' then 8 end
$$;

-- The state a message takes when statuses arrive: the highest rank heard of, and whether one of them was `failed`.
-- Null: nothing to move to.
create function forward_state(state text, heard int, failed boolean) returns text
language sql immutable parallel safe as $$
    select case
        when state in ('failed', 'dropped') then null
        when failed and state not in ('delivered', 'read', 'played') and coalesce(heard, 0) < 5 then 'failed'
        when heard > message_rank(state) then
            case heard when 4 then 'sent' when 5 then 'delivered' when 6 then 'read' when 7 then 'played' end
        end
$$;

create function guard_message_insert() returns trigger
language plpgsql as $$
begin
    if new.direction = 'out' and new.author <> 'phone' and new.state <> 'planned' then
        raise exception 'message % must be planned before anything else can become of it', new.id
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function guard_message_update() returns trigger
language plpgsql as $$
begin
    if (new.id, new.workspace_id, new.channel_id, new.conversation_id, new.direction, new.author, new.arrival)
       is distinct from
       (old.id, old.workspace_id, old.channel_id, old.conversation_id, old.direction, old.author, old.arrival) then
        raise exception 'message % belongs where it was written', old.id using errcode = 'check_violation';
    end if;
    if old.wamid is not null and new.wamid is distinct from old.wamid then
        raise exception 'message % already has its wamid', old.id using errcode = 'check_violation';
    end if;
    if new.state is distinct from old.state and not (
        -- forward along planned, sending, unknown, accepted, sent, delivered, read, played
        (message_rank(new.state) > message_rank(old.state) and message_rank(old.state) < 8 and (
            case new.state
                when 'sending' then old.state = 'planned'
                when 'unknown' then old.state = 'sending'
                when 'accepted' then old.state in ('sending', 'unknown')
                when 'dropped' then old.state = 'planned'
                when 'failed' then old.state not in ('delivered', 'read', 'played')
                else true
            end))
        -- back to planned only after a definite refusal, or once an unknown outcome was waited for
        or (new.state = 'planned' and old.state = 'sending' and new.error is not null)
        or (new.state = 'planned' and old.state = 'unknown' and old.settle_at <= now())
    ) then
        raise exception 'message % cannot go from % to %', old.id, old.state, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger guard_insert before insert on messages for each row execute function guard_message_insert();
create trigger guard_update before update on messages for each row execute function guard_message_update();

create function append_message_insert_events() returns trigger
language plpgsql as $$
begin
    insert into events (workspace_id, conversation_id, type, data)
    select n.workspace_id, n.conversation_id,
           case when n.author = 'phone' then 'message.echoed'
                when n.direction = 'out' then 'message.planned'
                when n.outcome is not null then 'message.received'
                when n.kind in ('text', 'choice') then 'agent/whatsapp.message_received'
                else 'agent/whatsapp.attachment_received' end,
           case when n.direction = 'out' then jsonb_build_object('messageId', n.id, 'author', n.author)
                else jsonb_build_object(
                    'messageId', n.id, 'conversationId', n.conversation_id, 'workspaceId', n.workspace_id,
                    'messageContent', n.text, 'contactId', c.contact_id,
                    'phone', (select value from contact_identities i
                              where i.contact_id = c.contact_id and i.kind = 'phone' limit 1)) end
    from inserted n join conversations c on c.id = n.conversation_id
    order by n.arrival;
    return null;
end $$;

create trigger append_events_insert after insert on messages
    referencing new table as inserted
    for each statement execute function append_message_insert_events();

create function append_message_update_events() returns trigger
language plpgsql as $$
begin
    insert into events (workspace_id, conversation_id, type, data)
    select n.workspace_id, n.conversation_id, 'message.' || n.state,
           jsonb_strip_nulls(jsonb_build_object('messageId', n.id, 'reason', n.drop_reason, 'error', n.error))
    from updated n join before_update o on o.id = n.id
    where n.state is distinct from o.state and n.state <> 'sending'
    order by n.arrival;
    insert into events (workspace_id, conversation_id, type, data)
    select n.workspace_id, n.conversation_id, 'message.accounted',
           jsonb_build_object('messageId', n.id, 'outcome', n.outcome, 'reason', n.outcome_reason,
                              'turnId', n.turn_id)
    from updated n join before_update o on o.id = n.id
    where n.outcome is distinct from o.outcome
    order by n.arrival;
    return null;
end $$;

create trigger append_events_update after update on messages
    referencing old table as before_update new table as updated
    for each statement execute function append_message_update_events();

create function refuse_event_change() returns trigger
language plpgsql as $$
begin
    raise exception 'events are appended, never changed' using errcode = 'check_violation';
end $$;

create trigger append_only before update on events for each row execute function refuse_event_change();
