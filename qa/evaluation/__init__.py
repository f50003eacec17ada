"""Evaluation: questions with known answers -> runs, metrics, and the stage that lost each one.

Imports `answering`, `text`, `environment` and `index`. Read `evaluate.py` first.
"""
