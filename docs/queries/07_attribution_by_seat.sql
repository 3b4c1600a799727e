-- Which seats brought the revenue that was won, by each model? Each column adds up to the whole; columns are not added to one another.
SELECT a.contract, a.seat_id, a.currency,
       sum(a.revenue) FILTER (WHERE a.model = 'first') AS first, sum(a.revenue) FILTER (WHERE a.model = 'last') AS last,
       sum(a.revenue) FILTER (WHERE a.model = 'linear') AS linear, sum(a.revenue) FILTER (WHERE a.model = 'position') AS position,
       sum(a.revenue) FILTER (WHERE a.model = 'decay') AS decay, sum(a.revenue) FILTER (WHERE a.model = 'w_shaped') AS w_shaped
FROM crmsync.roi_attribution_current a
JOIN crmsync.roi_opportunities_current o USING (contract, opportunity_id)
WHERE o.is_won
GROUP BY a.contract, a.seat_id, a.currency
ORDER BY a.contract, a.currency, linear DESC NULLS LAST, a.seat_id;
