-- Which open opportunities in the pipeline are influenced, the 20 largest of each currency, and when was the last touch?
SELECT contract, opportunity_id, stage, close_date, currency, revenue, touches, last_touch, sourced
FROM (SELECT contract, opportunity_id, stage, close_date, currency, revenue, touches, (last_touch_at AT TIME ZONE 'UTC')::date AS last_touch, sourced,
             row_number() OVER (PARTITION BY contract, currency ORDER BY revenue DESC NULLS LAST, opportunity_id) AS place
      FROM crmsync.roi_opportunities_current
      WHERE in_pipeline AND NOT is_closed AND influenced) ranked
WHERE place <= 20
ORDER BY contract, currency, place;
