-- The rows of `inbox_rows.py`, one statement after the other. Words as people use them: few all the time, most hardly ever.

create unlogged table bench_words as select n,
    case when n < 400 then
    (array['hola','quiero','precio','pedido','envío','gracias','cuánto','cuesta','dirección','bogotá','medellín','café',
    'molido','libra','mañana','tarde','pago','transferencia','contraentrega',
    'sí','no','buenas','días','color','talla','disponible','foto','casa','barrio','calle'])[1
    + n %% 30] ||
    case when n < 30 then '' else (n / 30)::text end else 'p' || substr(translate(md5(n::text), '0123456789',
    'aeioulmnrs'), 1, 4 + n %% 5) end as word
  from generate_series(0, 29999) n;

create unique index on bench_words (n);

create unlogged table bench_sentences as select s as n, string_agg(w.word, ' ') as text
  from generate_series(0, 199999) s
  cross join lateral (select floor(30000 * power(random() + s * 0, 4))::int as n
  from generate_series(1, 3 + s %% 9)) x
  join bench_words w on w.n = x.n group by s;

create unique index on bench_sentences (n);

insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent, state, wamid,
    kind, text, content, provider_at, created_at, outcome, outcome_reason, accepted_at, sent_at, delivered_at,
    read_at)
  select bench_id(3, v.n * %(each)s + k), %(shop)s, %(shop)s, bench_id(2, v.n), d.direction,
  case when d.inbound then 'customer' else 'agent' end, not d.inbound,
    case when d.inbound then 'received' else 'read' end, 'wamid.' || md5((v.n * %(each)s + k)::text) || 'AA==',
    'text', t.text, jsonb_build_object('type', 'text', 'text', jsonb_build_object('body', t.text)), d.at, d.at,
  case when d.inbound then 'answered' end,
  case when d.inbound then 'bench' end, d.said, d.said, d.said, d.said
  from generate_series(0, %(each)s - 1) k
  cross join generate_series(0, %(conversations)s - 1) v (n)
  cross join lateral (select k %% 2 = 0 as inbound,
  case when k %% 2 = 0 then 'in' else 'out' end as direction, now() - (%(each)s - k) * interval '7 days' as at,
  case when k %% 2 = 1 then now() - (%(each)s - k) * interval '7 days' end as said) d
  join bench_sentences t on t.n = (v.n * 7919 + k * 104729) %% 200000;

insert into events (workspace_id, conversation_id, type, data, created_at) select m.workspace_id, m.conversation_id,
    'message.read', jsonb_build_object('messageId', m.id), m.created_at
  from messages m
  where hashtext(m.id::text) %% 5 = 0;

insert into message_words (message_id, arrival, words)
  select id, arrival, search_words(workspace_id, arrival >> 14, text) from messages where text <> '';

insert into members (id, workspace_id, email, name, created_at)
  select bench_id(4, n), %(shop)s, 'm' || n || '@example.com', 'Miembro ' || n, now() - interval '1 year'
  from generate_series(1, 5) n;

update contacts set name =
    (array['Ana','Luis','María','José','Lucía','Pedro','Sofía','Camilo',
    'Valentina','Andrés'])[1 + (hashtext(id::text)
    & 1023) %% 10] || ' ' || (select initcap(word) from bench_words where n = 400 + (hashtext(id::text) & 16383))
    where name not like '%%00';

update conversations set agent_conversational = false
  where hashtext(id::text) %% 3 = 0;

update conversations set owner = 'person', agent_conversational = false, owned_since = now(), owner_member_id =
    bench_id(4, 1 + (hashtext(id::text) & 7) %% 5)
  where hashtext(id::text) %% 25 = 0;

update conversations set last_inbound_at = last_message_at;

insert into tasks (id, workspace_id, conversation_id, kind, priority, reason, summary, assignee_id, assigned_at)
  select gen_random_uuid(), %(shop)s, id, 'handoff', 'normal', 'customer_asked', '',
  case when hashtext(id::text) %% 40 = 0 then bench_id(4, 1) end,
  case when hashtext(id::text) %% 40 = 0 then now() end
  from conversations
  where hashtext(id::text) %% 20 = 0;

insert into conversation_reads (member_id, conversation_id, read_arrival)
  select bench_id(4, b), v.id, (select max(arrival)
  from messages m where m.conversation_id = v.id)
  from conversations v, generate_series(1, 2) b where b = 2 or v.id >= bench_id(2, 300);
