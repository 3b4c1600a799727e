-- How do influenced opportunities and their revenue move from quarter to quarter?
SELECT contract, quarter, currency,
       coalesce(sum(opportunities) FILTER (WHERE influenced), 0) AS influenced, sum(opportunities) AS opportunities,
       coalesce(sum(revenue_won) FILTER (WHERE influenced), 0) AS won_influenced, sum(revenue_won) AS won, sum(revenue_open) AS open
FROM crmsync.roi_quarters_current
GROUP BY contract, quarter, currency
ORDER BY contract, quarter, currency;
