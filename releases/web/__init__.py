"""Rules for every request and response: cache, headers, redirects, refusals, checks, clock."""
