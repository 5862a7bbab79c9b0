-- How many messages have these words, counted up to a bound.
select count(*) as count
from (select from message_words w where w.words @@ %(words)s::tsquery and w.arrival < %(before)s limit %(bound)s) w
