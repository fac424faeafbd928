"""Capture files: packets in and out, and the messages in them."""
