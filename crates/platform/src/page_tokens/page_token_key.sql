-- The key that seals page tokens.
SELECT value FROM platform.secrets WHERE name = 'page_tokens'
