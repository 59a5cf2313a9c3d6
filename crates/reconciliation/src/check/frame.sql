-- Frame of every check: the first rows as JSON and the number of all. `moment` is the time that expiries are compared with.
WITH moment AS (SELECT coalesce($1::timestamptz, now()) AS at)
SELECT to_jsonb(violation) AS violation, count(*) OVER () AS total
FROM (
{check}
) violation
LIMIT 100
