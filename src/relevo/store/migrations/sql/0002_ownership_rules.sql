-- Who may speak, handoffs that cannot be half done, and assignment: one choice at a time for each workspace.

-- Whoever changes who may speak counts the epoch up: words planned before then cannot be sent after it.
create function guard_ownership() returns trigger
language plpgsql as $$
begin
    if new.epoch < old.epoch then
        raise exception 'the epoch of conversation % only counts up', old.id using errcode = 'check_violation';
    end if;
    if new.epoch = old.epoch and (new.owner, new.agent_conversational) is distinct from (old.owner, old.agent_conversational)
    then
        raise exception 'who may speak in conversation % changes with its epoch only', old.id
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger guard_ownership before update on conversations
    for each row when (new.owner is distinct from old.owner or new.epoch is distinct from old.epoch
                       or new.agent_conversational is distinct from old.agent_conversational)
    execute function guard_ownership();

-- The sentence promising a person exists only with a handoff behind it, and a handoff only with its sentence (or with
-- the reason why the customer cannot be told). Both are written in one transaction, in any order: checked at its end.
create function require_handoff() returns trigger
language plpgsql as $$
begin
    if not exists (select from handoffs h where h.conversation_id = new.conversation_id and h.epoch = new.epoch) then
        raise exception 'message % promises a person, but nothing was handed off', new.id
            using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger promise_has_handoff after insert on messages deferrable initially deferred
    for each row when (new.key = 'handoff' and new.author = 'agent') execute function require_handoff();

create function require_handoff_words() returns trigger
language plpgsql as $$
begin
    if not exists (select from messages m
                   where m.conversation_id = new.conversation_id and m.key = 'handoff' and m.epoch = new.epoch) then
        raise exception 'handoff % has no word to the customer', new.id using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger handoff_has_words after insert on handoffs deferrable initially deferred
    for each row when (new.silent_because is null) execute function require_handoff_words();

-- Online: set so by hand, or an inbox was open a moment ago on any device.
create function member_is_online(m members, away_after interval, at timestamptz) returns boolean
language sql stable as $$
    select m.deactivated_at is null and case m.presence
        when 'online' then true
        when 'auto' then exists (select from member_devices d where d.member_id = m.id and d.seen_at > at - away_after)
        else false end
$$;

-- Everybody handoffs of a workspace may go to, as they stand right now.
create function rotation(ws uuid)
returns table (member_id uuid, name text, online boolean, load int, capacity int, last_assignment bigint)
language sql stable as $$
    select m.id, m.name, member_is_online(m, a.away_after, clock_timestamp()), coalesce(l.load, 0),
           coalesce(m.capacity, a.member_capacity), m.last_assignment
    from agent_configs a
    join members m on m.workspace_id = a.workspace_id and m.deactivated_at is null and m.in_rotation
    left join (select t.assignee_id, count(*)::int as load from tasks t
               where t.workspace_id = ws and t.status = 'open' and t.kind = 'handoff' and t.assignee_id is not null
                 and (t.snoozed_until is null or t.snoozed_until <= clock_timestamp())
               group by t.assignee_id) l on l.assignee_id = m.id
    where a.workspace_id = ws
      and (a.handoff_team_id is null
           or exists (select from team_members x where x.team_id = a.handoff_team_id and x.member_id = m.id))
$$;

-- The next member for a handoff: online, with free capacity, longest since last assigned (never assigned: first of all).
-- `prefer` comes before that order, `avoid` after everybody else. One row always: without a free member it says why.
create function get_next_available_agent(ws uuid, prefer uuid, avoid uuid)
returns table (member_id uuid, why text, considered jsonb)
language sql stable as $$
    with seen as (select r.*, r.online and r.load < r.capacity as free from rotation(ws) r),
    chosen as (
        select s.member_id, s.last_assignment from seen s where s.free
        order by (s.member_id is not distinct from prefer) desc, (s.member_id is not distinct from avoid),
                 s.last_assignment nulls first, s.member_id
        limit 1
    )
    select c.member_id,
           case when c.member_id is null then
                    case when not exists (select from seen) then 'nobody is in the rotation'
                         when not exists (select from seen s where s.online) then 'nobody is online'
                         else 'everybody online is at capacity' end
                when c.member_id = prefer then 'had this customer before'
                when (select count(*) from seen s where s.free) = 1 then 'the only one free'
                when c.last_assignment is null then 'never assigned before'
                else 'longest since last assigned' end,
           coalesce((select jsonb_agg(jsonb_build_object(
                        'memberId', s.member_id, 'name', s.name, 'online', s.online, 'load', s.load,
                        'capacity', s.capacity, 'lastAssignment', s.last_assignment,
                        'preferred', s.member_id is not distinct from prefer,
                        'avoided', s.member_id is not distinct from avoid)
                        order by s.last_assignment nulls first, s.member_id) from seen s), '[]'::jsonb)
    from (select 1) one left join chosen c on true
$$;

-- One at a time chooses for a workspace, or changes what choices rest on; until its transaction ends.
create function lock_rotation(ws uuid) returns void
language sql volatile as $$
    select pg_advisory_xact_lock(hashtextextended('rotation:' || ws, 0))
$$;

-- Give waiting handoffs to people, the oldest first, for as long as somebody is free. Newer ones never overtake: the
-- first that nobody can take ends the round. Each statement in here sees what was committed before its lock was granted.
create function assign_waiting(ws uuid) returns int
language plpgsql volatile as $$
declare
    waiting record;
    choice record;
    entry bigint;
    given int := 0;
begin
    perform lock_rotation(ws);
    for waiting in
        select t.id, t.conversation_id, t.avoid_member_id, t.queued_because, t.queue_noted, a.reassign_after,
               case when a.sticky_assignment and t.queued_because <> 'given_back' then
                    (select l.member_id from assignments l
                     where l.conversation_id = t.conversation_id and l.member_id is not null
                       and l.member_id is distinct from t.avoid_member_id
                     order by l.id desc limit 1) end as prefer
        from tasks t join agent_configs a on a.workspace_id = t.workspace_id
        where t.workspace_id = ws and t.status = 'open' and t.kind = 'handoff' and t.assignee_id is null
          and (t.snoozed_until is null or t.snoozed_until <= clock_timestamp())
        order by t.created_at, t.id
    loop
        select n.member_id, n.why, n.considered into choice
        from get_next_available_agent(ws, waiting.prefer, waiting.avoid_member_id) n;
        if choice.member_id is not null or not waiting.queue_noted then
            insert into assignments (workspace_id, task_id, conversation_id, member_id, previous_member_id, cause, why,
                                     considered)
            values (ws, waiting.id, waiting.conversation_id, choice.member_id, waiting.avoid_member_id,
                    waiting.queued_because, choice.why, choice.considered)
            returning id into entry;
        end if;
        if choice.member_id is null then
            update tasks set queue_noted = true where id = waiting.id and not queue_noted;
            exit;
        end if;
        update tasks
        set assignee_id = choice.member_id, assigned_at = clock_timestamp(), avoid_member_id = null, queue_noted = false,
            act_by = clock_timestamp() + waiting.reassign_after
        where id = waiting.id;
        update members set last_assignment = entry where id = choice.member_id;
        insert into events (workspace_id, conversation_id, type, data)
        values (ws, waiting.conversation_id, 'task.assigned',
                jsonb_build_object('taskId', waiting.id, 'memberId', choice.member_id, 'cause', waiting.queued_because,
                                   'why', choice.why, 'assignmentId', entry));
        given := given + 1;
    end loop;
    return given;
end $$;

create function refuse_ledger_change() returns trigger
language plpgsql as $$
begin
    if new.member_id is null and old.member_id is not null
       and to_jsonb(new) - 'member_id' = to_jsonb(old) - 'member_id' then
        return new;  -- the member was deleted
    end if;
    raise exception 'the ledger of assignments is appended, never changed' using errcode = 'check_violation';
end $$;

create trigger append_only before update on assignments for each row execute function refuse_ledger_change();
