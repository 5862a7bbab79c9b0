-- Taking webhooks in. Functions, because a group of deliveries is then one short statement: one round trip, plans that
-- are kept behind any pooler, and steps that cost nothing where there is nothing to do. Functions live as long as a
-- version that calls them: a change gets a new name, as workers of the version before still call the old one.

-- Where each person's messages go; creates contacts and conversations that are missing, whoever else does the same.
-- `people` holds a row for each identity of each person: `n` numbers persons from 1, `place` their identities, most
-- specific first. Identities that point at different contacts are never merged: the first decides. contact_id and
-- conversation_id are used where there is none yet. `unnamed`: a contact has no name yet, and the person told theirs.
-- serialization_failure: other transactions kept winning; try the whole transaction again.
create function find_or_create_conversations(
    people jsonb, out contacts uuid[], out conversations uuid[], out unnamed boolean
)
language plpgsql as $$
#variable_conflict use_column
declare
    found uuid[];
    opened uuid[];
    complete boolean;
begin
    for round in 1..6 loop
        -- `limit 1` on unique keys keeps the planner from reading whole tables for what it takes for a hundred rows.
        select array_agg(w.contact_id order by w.n), array_agg(v.id order by w.n),
               bool_and(w.known and v.id is not null), bool_or(w.unnamed)
        into found, opened, complete, find_or_create_conversations.unnamed
        from (
            select p.n, (array_agg(p.channel_id))[1] as channel_id, bool_and(i.contact_id is not null) as known,
                   (array_agg(i.contact_id order by p.place) filter (where i.contact_id is not null))[1] as contact_id,
                   bool_or(p.name is not null and i.contact_id is not null and i.name is null) as unnamed
            from jsonb_to_recordset(people) as p (
                n int, place int, workspace_id uuid, channel_id uuid, kind text, value text, name text)
            left join lateral (
                select ci.contact_id, c.name from contact_identities ci join contacts c on c.id = ci.contact_id
                where ci.workspace_id = p.workspace_id and ci.kind = p.kind and ci.value = p.value limit 1) i on true
            group by p.n) w
        left join lateral (
            select id from conversations
            where channel_id = w.channel_id and contact_id = w.contact_id limit 1) v on true;
        if complete then
            contacts := found;
            conversations := opened;
            return;
        end if;
        with wanted as (
            select p.*, found[p.n] as contact_known
            from jsonb_to_recordset(people) as p (
                n int, workspace_id uuid, kind text, value text, name text, contact_id uuid)
        ),
        added as (
            -- An identity somebody has already stays where it is: of two transactions adding the same stranger one
            -- creates the contact, the other finds it in its next round.
            insert into contact_identities (workspace_id, kind, value, contact_id)
            select workspace_id, kind, value, coalesce(contact_known, contact_id) from wanted
            order by workspace_id, kind, value, n
            on conflict do nothing
            returning contact_id
        )
        insert into contacts (id, workspace_id, name)
        select distinct on (w.contact_id) w.contact_id, w.workspace_id, w.name
        from wanted w where w.contact_known is null and w.contact_id in (select contact_id from added)
        order by w.contact_id;
        insert into conversations (id, workspace_id, channel_id, contact_id)
        select distinct on (p.channel_id, found[p.n]) p.conversation_id, p.workspace_id, p.channel_id, found[p.n]
        from jsonb_to_recordset(people) as p (n int, workspace_id uuid, channel_id uuid, conversation_id uuid)
        where found[p.n] is not null and opened[p.n] is null
        order by p.channel_id, found[p.n], p.n
        on conflict (channel_id, contact_id) do nothing;
    end loop;
    raise exception 'the same contacts are being created elsewhere' using errcode = 'serialization_failure';
end $$;

-- What customers (and the owner's own phone) said: stored once, with all that must happen in the same breath.
-- `incoming` names each message's person by `person`, their `n` in `people`. Returns how many messages were new.
-- Locks are taken in the one order everybody keeps: conversations, mailbox, messages that exist.
create function receive_messages(
    ids uuid[], channels uuid[], received timestamptz[], bodies bytea[], problems text[], heard timestamptz[],
    people jsonb, incoming jsonb, quiet double precision
) returns int
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
    talks uuid[];
    unnamed boolean;
    spoken_in uuid[];
    new_messages int;
    taken_over boolean;
    urgent boolean;
begin
    if cardinality(ids) > 0 then
        insert into deliveries (id, channel_id, received_at, body, problem, heard_until)
        select * from unnest(ids, channels, received, bodies, problems, heard)
        on conflict (id) do nothing;
    end if;
    if jsonb_array_length(incoming) = 0 then
        return 0;
    end if;

    select f.conversations, f.unnamed into talks, unnamed from find_or_create_conversations(people) f;
    perform from conversations where id = any(talks) order by id for no key update;

    with r as (
        select * from jsonb_to_recordset(incoming) as r (
            n int, person int, id uuid, workspace_id uuid, channel_id uuid, direction text, author text, state text,
            wamid text, kind text, text text, content jsonb, reply_to text, provider_at timestamptz,
            outcome text, outcome_reason text, window_until timestamptz, takes_over boolean, trace text)
    ),
    stored as (
        insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, state, wamid, kind, text,
                              content, reply_to, provider_at, outcome, outcome_reason, trace, sent_at)
        select id, workspace_id, channel_id, talks[person], direction, author, state, wamid, kind, text,
               content, reply_to, provider_at, outcome, outcome_reason, trace,
               case when direction = 'out' then provider_at end
        from r order by provider_at, n
        on conflict (channel_id, wamid) do nothing
        returning id, conversation_id, workspace_id, direction, outcome
    ),
    summary as (
        select s.conversation_id, s.workspace_id, count(*) as messages,
               bool_or(s.direction = 'in') as inbound,
               bool_or(s.direction = 'in' and s.outcome is null) as to_answer,
               bool_or(r.takes_over) as echoed,
               max(r.window_until) as window_until,
               a.human_reply = 'take_over' and bool_or(r.takes_over) as takes_over,
               a.burst_quiet_seconds
        from stored s join r on r.id = s.id
        cross join lateral (
            select human_reply, burst_quiet_seconds from agent_configs where workspace_id = s.workspace_id limit 1) a
        group by s.conversation_id, s.workspace_id, a.human_reply, a.burst_quiet_seconds
    ),
    touched as (
        update conversations c
        set last_message_at = now(),
            last_inbound_at = case when s.inbound then now() else c.last_inbound_at end,
            last_outbound_at = case when s.inbound then c.last_outbound_at else now() end,
            window_until = greatest(c.window_until, s.window_until),
            owner = case when s.takes_over then 'person' else c.owner end,
            agent_conversational = case when s.takes_over then false else c.agent_conversational end,
            epoch = c.epoch + s.takes_over::int,
            owned_since = case when s.takes_over and c.owner <> 'person' then now() else c.owned_since end,
            person_active_at = case when s.echoed and (s.takes_over or c.owner = 'person')
                                    then clock_timestamp() else c.person_active_at end,
            handed_back_at = case when not s.takes_over then c.handed_back_at end
        from summary s
        where c.id = s.conversation_id and c.id = any(talks)
    ),
    woken as (
        insert into mailbox (kind, key, workspace_id, due_at)
        select 'conversation', s.conversation_id, s.workspace_id,
               now() + least(s.burst_quiet_seconds, quiet) * interval '1 second'
        from summary s
        where s.to_answer or s.echoed
        order by s.conversation_id
        on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
        returning due_at, lease_token
    ),
    told as (
        insert into events (workspace_id, conversation_id, type, data)
        select s.workspace_id, s.conversation_id, 'conversation.taken_over', jsonb_build_object('by', 'phone')
        from summary s
        where s.takes_over
    )
    select coalesce(sum(messages), 0), array_agg(conversation_id) filter (where inbound or echoed),
           (select bool_or(lease_token is null and due_at < now() + interval '1 second') from woken)
    into new_messages, spoken_in, urgent
    from summary;

    if unnamed then
        -- A profile name heard for the first time; one that people or the agent gave stays.
        update contacts t set name = n.name
        from (select c.contact_id, max(p.name) as name
              from jsonb_to_recordset(people) as p (n int, name text)
              join jsonb_to_recordset(incoming) as r (person int, direction text) on r.person = p.n
              join conversations c on c.id = talks[p.n]
              where p.name is not null and r.direction = 'in' group by c.contact_id) n
        where t.id = n.contact_id and t.name is null;
    end if;
    if exists (select from follow_ups where conversation_id = any(spoken_in) and state = 'planned') then
        update follow_ups f
        set state = 'cancelled',
            reason = case when exists (
                select from jsonb_to_recordset(incoming) as r (person int, direction text)
                where r.direction = 'in' and talks[r.person] = f.conversation_id)
                then 'the customer wrote' else 'the owner wrote' end
        where f.conversation_id = any(spoken_in) and f.state = 'planned';
    end if;
    if urgent then
        perform pg_notify('relevo_wake', '');
    end if;
    return new_messages;
end $$;

-- Statuses only move a message forward, whatever the order they come in; several for one message count together.
-- A message is found by the id we sent along (biz_opaque_callback_data), which also settles a sending nobody saw the end
-- of, or by its wamid. `statuses` are numbered by `n` from 1. Returns what WhatsApp took and then could not deliver.
create function receive_statuses(
    ids uuid[], channels uuid[], received timestamptz[], bodies bytea[], problems text[], heard timestamptz[],
    statuses jsonb
) returns table (workspace_id uuid, conversation_id uuid, channel_id uuid, text text, error jsonb)
language plpgsql set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    targets uuid[];
    settles boolean;
    idle boolean;
begin
    if cardinality(ids) > 0 then
        insert into deliveries (id, channel_id, received_at, body, problem, heard_until)
        select * from unnest(ids, channels, received, bodies, problems, heard)
        on conflict (id) do nothing;
    end if;

    select array_agg(m.id order by s.n), bool_or(m.state in ('sending', 'unknown'))
    into targets, settles
    from jsonb_to_recordset(statuses) as s (n int, channel_id uuid, opaque uuid, wamid text)
    left join lateral (
        select id, state from messages
        where s.opaque is not null and id = s.opaque and channel_id = s.channel_id and direction = 'out'
        union all
        select id, state from messages
        where s.opaque is null and channel_id = s.channel_id and wamid = s.wamid and direction = 'out'
        limit 1) m on true;

    if settles then
        -- Before the messages: mailbox rows are locked first, as everywhere.
        with woken as (
            insert into mailbox (kind, key, workspace_id, due_at)
            select distinct on (m.conversation_id) 'conversation', m.conversation_id, m.workspace_id, now()
            from messages m where m.id = any(targets) and m.state in ('sending', 'unknown')
            order by m.conversation_id
            on conflict (kind, key) do update set due_at = least(mailbox.due_at, excluded.due_at)
            returning lease_token
        )
        select bool_or(lease_token is null) into idle from woken;
        if idle then
            perform pg_notify('relevo_wake', '');
        end if;
    end if;

    return query
    with summary as (
        select targets[s.n] as id, min(s.wamid) as wamid,
               max(message_rank(s.status)) filter (where s.status <> 'failed') as rank,
               bool_or(s.status = 'failed') as failed,
               min(s.at) filter (where s.status = 'sent') as sent_at,
               min(s.at) filter (where s.status = 'delivered') as delivered_at,
               min(s.at) filter (where s.status in ('read', 'played')) as read_at,
               min(s.at) filter (where s.status = 'failed') as failed_at,
               (array_agg(s.error) filter (where s.status = 'failed'))[1] as error
        from jsonb_to_recordset(statuses) as s (n int, wamid text, status text, at timestamptz, error jsonb)
        where targets[s.n] is not null
        group by targets[s.n] order by targets[s.n]
    ),
    moved as (
        update messages m
        set state = coalesce(forward_state(m.state, s.rank, s.failed), m.state),
            wamid = coalesce(m.wamid, s.wamid),
            accepted_at = coalesce(m.accepted_at, now()),
            sent_at = coalesce(m.sent_at, s.sent_at),
            delivered_at = coalesce(m.delivered_at, s.delivered_at),
            read_at = coalesce(m.read_at, s.read_at),
            failed_at = case when forward_state(m.state, s.rank, s.failed) = 'failed'
                             then coalesce(s.failed_at, now()) else m.failed_at end,
            error = case when forward_state(m.state, s.rank, s.failed) = 'failed' then s.error else m.error end
        from summary s
        where m.id = s.id and m.id = any(targets)
          and (forward_state(m.state, s.rank, s.failed) is not null
               or (m.sent_at is null and s.sent_at is not null)
               or (m.delivered_at is null and s.delivered_at is not null)
               or (m.read_at is null and s.read_at is not null))
        returning m.workspace_id, m.conversation_id, m.channel_id, m.text, m.error,
                  s.failed and m.state = 'failed' as failed
    )
    select d.workspace_id, d.conversation_id, d.channel_id, d.text, d.error from moved d where d.failed;
end $$;

-- The rule of 0001 without a call for each message that keeps it.
drop trigger guard_insert on messages;
create trigger guard_insert before insert on messages for each row
    when (new.direction = 'out' and new.author <> 'phone' and new.state <> 'planned')
    execute function guard_message_insert();

-- By contact and kind: with an index on the contact alone, PostgreSQL without fresh statistics joins it with a scan of the
-- key for all phones there are.
create index ix_contact_identities_contact_id_kind on contact_identities (contact_id, kind);
drop index ix_contact_identities_contact_id;
