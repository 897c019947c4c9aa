"""The night: six stages from the day's memories to a self-model that may have changed."""
