"""The alert of a studio: its area, its texts, what becomes of them on the air, and the cells they go to.

`area`, `message`, `preview` and `cells` know nothing of pages; `doing` has the actions.
"""
