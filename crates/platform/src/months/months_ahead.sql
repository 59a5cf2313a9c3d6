-- How many months ahead every partitioned table has its partitions.
SELECT platform.months_ahead($1::timestamptz)
