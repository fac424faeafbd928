"""Scenarios to begin with: a file to edit, and one that predicts a national test."""
