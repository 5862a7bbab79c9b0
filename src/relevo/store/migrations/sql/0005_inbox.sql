-- How the inbox searches: words without accents, capitals and punctuation, kept apart by shop and by age.

-- Text as it is compared: lower case, no accents, punctuation is space. Written out as `translate`, as no extension is
-- to be relied on; immutable, as indexes are made of it. What stands beyond the second list, marks of accents written apart,
-- goes away.
create or replace function fold(words text) returns text
language sql immutable strict parallel safe as $$
    select translate(lower(words),
        'áàâäãåāéèêëēíìîïīóòôöõøōúùûüūýÿñç' || 'ÁÀÂÄÃÅĀÉÈÊËĒÍÌÎÏĪÓÒÔÖÕØŌÚÙÛÜŪÝŸÑÇ' || '.,:;/\-_@#&+*=~|<>()[]{}"''`´’‘“”¿?¡!%$' || U&'\0301\0300\0302\0303\0308\0327',
        'aaaaaaaeeeeeiiiiiooooooouuuuuyync' || 'aaaaaaaeeeeeiiiiiooooooouuuuuyync' || repeat(' ', 38))
$$;

-- What the words of a shop in one range of the log of messages begin with in the index. Each shop has words of its own, so
-- that a search reads nothing of anybody else's, and each 16,384 messages have, so that the newest are searched first and
-- a word that everybody uses costs no more than one that is rare.
create or replace function search_prefix(workspace uuid, bucket bigint) returns text
language sql immutable strict parallel safe as $$
    select 'w' || substr(md5(workspace::text), 1, 8) || to_hex(bucket) || 'x'
$$;

create or replace function search_words(workspace uuid, bucket bigint, words text) returns tsvector
language plpgsql immutable strict parallel safe as $$
declare
    prefix text := search_prefix(workspace, bucket);
begin
    return array_to_tsvector(array(
        select prefix || left(word, 60) from unnest(tsvector_to_array(to_tsvector('simple', fold(words)))) word));
end $$;
