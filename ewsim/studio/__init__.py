"""The studio: a local server and its page, to plan, teach and try an alert on a map."""
