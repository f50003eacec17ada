"""Find the passages of a folder of articles that answer a question, in any language.

    files -> Article -> Block -> Chunk -> vectors + words -> Passage
    articles.py  blocks.py  chunks.py   embed.py  lexical.py  search.py

`build.py` is the indexing job and `search.py` the finding job, each on one page; read them first.
This package knows no prompt, no language model and no screen.
"""
