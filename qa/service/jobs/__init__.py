"""Jobs: questions wait in a queue, and one model answers them, two at a time.

Imports `ask`, `answering`, `llm` and `answer`. Read `scheduler.py` first.
"""
