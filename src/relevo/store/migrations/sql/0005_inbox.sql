-- How the inbox searches: words without accents, capitals and punctuation, kept apart by shop and by age. No extension is
-- relied on. What an index is made of calls nothing of ours: Postgres builds indexes under a search path without our schema.
do $make$
declare
    -- Each character of the first becomes the one below it, punctuation becomes space; marks of accents written apart, which
    -- stand beyond the end of the second, go away.
    accents text := 'áàâäãåāéèêëēíìîïīóòôöõøōúùûüūýÿñç' || 'ÁÀÂÄÃÅĀÉÈÊËĒÍÌÎÏĪÓÒÔÖÕØŌÚÙÛÜŪÝŸÑÇ'
        || $$.,:;/\-_@#&+*=~|<>()[]{}"'`´’‘“”¿?¡!%$$ || '$' || U&'\0301\0300\0302\0303\0308\0327';
    plain text := repeat('aaaaaaaeeeeeiiiiiooooooouuuuuyync', 2);
begin
    plain := rpad(plain, length(accents) - 6);
    execute format($sql$
        -- Text as it is compared.
        create or replace function fold(words text) returns text
        language sql immutable strict parallel safe as $body$ select translate(lower(words), %1$L, %2$L) $body$
    $sql$, accents, plain);
    execute format($sql$
        -- The words of a message (or a name) as they are indexed: each begins with its shop and its bucket. So a search
        -- reads nothing of another shop's; and as messages are put into buckets by their number, the newest are searched
        -- first, and a word that everybody uses costs no more than one that is rare.
        create or replace function search_words(workspace uuid, bucket bigint, words text) returns tsvector
        language plpgsql immutable strict parallel safe as $body$
        declare
            start text := 'w' || substr(md5(workspace::text), 1, 8) || to_hex(bucket) || 'x';
        begin
            return array_to_tsvector(array(
                select start || left(word, 60)
                from unnest(tsvector_to_array(to_tsvector('simple', translate(lower(words), %1$L, %2$L)))) word));
        end $body$
    $sql$, accents, plain);
end $make$;

-- As in 0001, and also when only the times of statuses change: a status that comes late, behind a later one.
create or replace function append_message_update_events() returns trigger
language plpgsql as $$
begin
    insert into events (workspace_id, conversation_id, type, data)
    select n.workspace_id, n.conversation_id,
           case when n.state = o.state then 'message.statuses' else 'message.' || n.state end,
           jsonb_strip_nulls(jsonb_build_object('messageId', n.id, 'reason', n.drop_reason, 'error', n.error))
    from updated n join before_update o on o.id = n.id
    where (n.state is distinct from o.state and n.state <> 'sending')
       or (n.state = o.state
           and (n.sent_at, n.delivered_at, n.read_at) is distinct from (o.sent_at, o.delivered_at, o.read_at))
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
