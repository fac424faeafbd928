"""What people do with an alert: notice, understand, pass on, act. Off unless a scenario asks for it."""
