"""Service: what every front end offers: a job queue, conversations, the library, JSON.

Imports `answering`, `index` and its own `jobs`; knows no HTTP and no HTML. Read `chat.py` first.

    jobs/                                             questions wait; one model answers
    chat  conversations  exchange  conversation_db    the conversations of a person, stored
    library  uploads  file_names                      articles are listed, added and removed
    json_api  answer_format                           answers for programs and terminals
"""
