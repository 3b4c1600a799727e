-- Which uses of Sales Navigator lead to revenue: by kind and by how near to the opportunity (a: role, b: account, c: company)?
SELECT a.contract, a.kind, a.level, a.currency, count(DISTINCT a.opportunity_id) AS opportunities, round(sum(a.share), 2) AS opportunities_by_share, sum(a.revenue) AS revenue
FROM crmsync.roi_attribution_current a
JOIN crmsync.roi_opportunities_current o USING (contract, opportunity_id)
WHERE o.is_won AND a.model = 'linear'
GROUP BY a.contract, a.kind, a.level, a.currency
ORDER BY a.contract, a.currency, revenue DESC NULLS LAST, a.kind, a.level;
