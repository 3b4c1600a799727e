-- In which segments does the win rate differ, and where are there too few opportunities to tell?
SELECT contract, dimension, segment, influenced_n, other_n, difference, difference_low, difference_high,
       CASE WHEN difference IS NULL THEN method WHEN difference_low > 0 THEN 'higher' WHEN difference_high < 0 THEN 'lower' ELSE 'cannot be told' END AS verdict
FROM crmsync.roi_comparison_current
WHERE comparison = 'plain' AND dimension <> 'all' AND measure = 'win_rate'
ORDER BY contract, dimension, influenced_n + other_n DESC, segment;
