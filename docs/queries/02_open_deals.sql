-- Which open opportunities in the pipeline are influenced, the largest first, and when was the last touch?
SELECT contract, opportunity_id, stage, close_date, currency, revenue, touches, last_touch_at::date AS last_touch, sourced
FROM crmsync.roi_opportunities_current
WHERE in_pipeline AND NOT is_closed AND influenced
ORDER BY contract, currency, revenue DESC NULLS LAST, opportunity_id
LIMIT 20;
