"""The only writer: sends what is queued, polls what is active."""
