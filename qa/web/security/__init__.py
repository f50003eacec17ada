"""Security: who may come in, how much and how often.

Imports `errors` and `templates`. Read `middleware.py` first.
"""
