"""The page and the API of the next question."""
