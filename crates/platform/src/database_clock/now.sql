-- The primary's clock.
SELECT clock_timestamp()
