-- Do influenced opportunities close better than the others, and how far can that be trusted?
-- Compare plain with matched and placebo before concluding anything: docs/roi.md says why.
SELECT contract, comparison, measure, currency, influenced_n, influenced_value, other_n, other_value, difference, difference_low, difference_high, method
FROM crmsync.roi_comparison_current
WHERE dimension = 'all'
ORDER BY contract, measure, currency, array_position(ARRAY['plain', 'matched', 'placebo'], comparison);
