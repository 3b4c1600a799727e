-- How did the headline move from run to run? Rows of earlier runs stay for roi.keep_days days.
SELECT contract, (as_of AT TIME ZONE 'UTC')::date AS day, currency, coalesce(sum(opportunities) FILTER (WHERE influenced), 0) AS influenced, sum(opportunities) AS opportunities,
       coalesce(sum(revenue_won) FILTER (WHERE influenced), 0) AS won_influenced, sum(revenue_won) AS won
FROM crmsync.roi_quarters
GROUP BY contract, run_id, as_of, currency
ORDER BY contract, as_of, currency;
