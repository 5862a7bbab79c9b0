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
