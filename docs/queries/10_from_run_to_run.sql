-- How did the headline move from run to run? Rows of earlier runs stay for roi.keep_days days.
SELECT contract, as_of::date AS day, currency, sum(opportunities) FILTER (WHERE influenced) AS influenced, sum(opportunities) AS opportunities,
       sum(revenue_won) FILTER (WHERE influenced) AS won_influenced, sum(revenue_won) AS won
FROM crmsync.roi_quarters
GROUP BY contract, run_id, as_of, currency
ORDER BY contract, as_of, currency;
