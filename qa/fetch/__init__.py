"""Fetch web pages into a folder of the index: the one room that asks servers for articles.

    address -> robots.txt, resolved and checked -> bytes -> a file in INDEX/web -> the indexing job
               web.py      connection.py           content.py  pages.py

`fetch.py` is the whole job on one page; read it first. Only the command `index` imports this room;
`qa.weights` alone downloads something else, the models.
"""
