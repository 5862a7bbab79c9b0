-- From the agent to people: the new epoch makes everything unsendable that was planned under an older one, and what was
-- planned is dropped here and now. Words planned under the new epoch (the announcement) stay.
with handed as (
    update conversations
    set agent_conversational = false, owner = 'person', epoch = epoch + 1, handed_back_at = null,
        owned_since = case when owner = 'person' then owned_since else now() end,
        person_active_at = case when owner = 'person' then person_active_at end,
        owner_member_id = case when owner = 'person' then owner_member_id end
    where id = %(conversation)s and epoch = %(epoch)s
    returning id, workspace_id, epoch
),
dropped as (
    update messages m set state = 'dropped', drop_reason = 'handed to a person'
    from handed
    where m.conversation_id = handed.id and m.state = 'planned' and m.author = 'agent' and m.epoch < handed.epoch
),
cancelled as (
    update follow_ups f set state = 'cancelled', reason = 'handed to a person'
    from handed where f.conversation_id = handed.id and f.state = 'planned'
),
ended as (
    update sessions s set ended_at = now(), end_reason = 'handoff'
    from handed where s.conversation_id = handed.id and s.ended_at is null
),
told as (
    insert into events (workspace_id, conversation_id, type, data)
    select workspace_id, id, 'conversation.handed_off',
           jsonb_build_object('reason', %(reason)s::text, 'askedBy', %(asked_by)s::text, 'epoch', epoch,
                              'taskId', %(task)s::uuid, 'handoffId', %(id)s::uuid)
    from handed
)
insert into handoffs (id, workspace_id, conversation_id, epoch, task_id, asked_by, reason, words, silent_because)
select %(id)s, workspace_id, id, epoch, %(task)s, %(asked_by)s, %(reason)s, %(words)s, %(silent)s from handed
