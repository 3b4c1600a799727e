-- How much revenue did Sales Navigator influence and source, and how much of the open pipeline?
-- Sourced is a part of influenced; the two are never added, nor are amounts of different currencies.
SELECT contract, currency,
       coalesce(sum(opportunities) FILTER (WHERE influenced), 0) AS influenced, sum(sourced) AS sourced, sum(opportunities) AS opportunities,
       coalesce(sum(revenue_won) FILTER (WHERE influenced), 0) AS won_influenced, sum(revenue_sourced) AS won_sourced, sum(revenue_won) AS won,
       round((100 * coalesce(sum(revenue_won) FILTER (WHERE influenced), 0) / nullif(greatest(sum(revenue_won), 0), 0))::numeric, 1) AS won_influenced_percent,
       round((100 * coalesce(sum(revenue_open) FILTER (WHERE influenced), 0) / nullif(greatest(sum(revenue_open), 0), 0))::numeric, 1) AS open_influenced_percent
FROM crmsync.roi_quarters_current
GROUP BY contract, currency
ORDER BY contract, currency;
