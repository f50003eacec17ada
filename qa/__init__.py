"""Answer questions from indexed articles, with the exact words that prove each answer.

    question -> Passage -> Evidence -> prompt -> text -> Answer
                index/search  evidence.py prompts/ llm.py answer.py

`ask.py` is the whole path on one page; read it first.
"""
