-- How many touches came before a win, and how many before a loss?
SELECT contract, CASE WHEN is_won THEN 'won' ELSE 'lost' END AS outcome, count(*) AS opportunities, count(*) FILTER (WHERE touches = 0) AS untouched,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY touches) AS median_touches, max(touches) AS most_touches
FROM crmsync.roi_opportunities_current
WHERE in_pipeline AND is_closed
GROUP BY contract, is_won
ORDER BY contract, is_won DESC;
