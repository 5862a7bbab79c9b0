-- What models cost, and which messages WhatsApp charges for.
with since as (
    select greatest(coalesce((select kept_until from insights_progress where workspace_id = %(workspace)s), '-infinity'),
                    %(start)s::timestamptz) as at
)
select 'model' as what, width_bucket(at, %(edges)s::timestamptz[]) as bucket, null as category, sum(usd) as usd,
       null::bigint as messages
from (select at, usd from insights_model_cost
      where workspace_id = %(workspace)s and at >= %(start)s and at < %(until)s
      union all
      select created_at, cost_usd from turns
      where workspace_id = %(workspace)s and cost_usd > 0
        and created_at >= (select at from since) and created_at < %(until)s) spent
group by bucket
union all
select 'whatsapp', width_bucket(at, %(edges)s::timestamptz[]), category, null, count(*)
from whatsapp_charges
where workspace_id = %(workspace)s and at >= %(start)s and at < %(until)s
group by 2, category
