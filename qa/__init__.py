"""Answer questions from indexed articles, with the exact words that prove each answer.

    question -> Passage -> Evidence -> prompt -> draft -> Answer
    index/search  verification/  prompts/  llm/  answering/

`ask.py` is the whole path on one page; read it first. Each folder's docstring says what it is for
and what it may import; `cli/opening.py` puts the parts together.
"""
