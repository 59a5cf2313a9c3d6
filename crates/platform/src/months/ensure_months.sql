-- Makes the partitions of this month and of the coming ones.
SELECT platform.ensure_months($1::timestamptz, $2::int)
