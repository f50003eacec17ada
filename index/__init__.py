"""Find the passages of a folder of articles that answer a question, in any language.

    files -> Article -> Block -> Chunk -> vectors, tokens -> Passage
    articles/                             embedding/, storage/  search.py

`build.py` is the indexing job and `search.py` the search, each on one page; read them first. This
package imports nothing of `qa`: it knows no prompt, no language model and no screen.
"""
