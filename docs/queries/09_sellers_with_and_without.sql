-- How efficiently do sellers with and without a seat close?
SELECT contract, has_seat, currency, count(*) FILTER (WHERE opportunities > 0) AS sellers, sum(opportunities) AS opportunities, sum(won) AS won, sum(lost) AS lost,
       round(sum(won) / nullif(sum(won) + sum(lost), 0), 3) AS win_rate, sum(revenue_won) AS revenue_won, sum(touches) AS touches
FROM crmsync.roi_sellers_current
GROUP BY contract, has_seat, currency
ORDER BY contract, has_seat DESC, currency;
