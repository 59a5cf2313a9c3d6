-- Planner statistics of the partitioned parents, which autovacuum never gathers.
SELECT platform.analyze_parents()
