"""Service: what every front end offers: a job queue, conversations, the library, JSON.

Imports `ask`, `answering`, `llm` and `index`; knows no HTTP and no HTML. Read `scheduler.py` first.
"""
