"""Location-based SMS: queues, paging, retries, delivery."""
