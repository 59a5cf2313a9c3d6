-- Which of these merchants exist.
SELECT m.id FROM catalog.merchants m WHERE m.id = ANY ($1::uuid[])
