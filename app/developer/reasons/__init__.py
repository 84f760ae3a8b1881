"""Why requests are refused, in words: what was wrong, what came and what to do."""
