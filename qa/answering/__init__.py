"""Answering: a question and passages -> a checked answer, one passage at a time.

Imports `verification`, `llm`, `text`, `prompts` and `index`. Read `attempt.py` first.
"""
