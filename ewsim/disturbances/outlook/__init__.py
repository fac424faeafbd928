"""How many mobile sites are off by day after a disaster: a forecast from what a planner knows.

`events` holds the past disasters, `classes` what differs between disasters, `law` the share of sites off
of one imagined disaster, `forecast` many of them weighted by what is known, `fit` the fit and its errors
with each past disaster left out, `series` and `values` the reader of a planner's table.
"""
