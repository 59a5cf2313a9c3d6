-- Every table that grows by months has its partitions for the three months to come.
SELECT m.months_ahead FROM platform.facts_months m WHERE m.months_ahead < 3
