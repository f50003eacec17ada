"""Service: what every front end offers: a job queue, conversations, the library, JSON.

Imports `ask`, `answering`, `llm` and `index`; knows no HTTP and no HTML. Read `scheduler.py` first.

    scheduler  job_queue  job  idle_work              questions wait; one model answers
    chat  conversations  exchange  conversation_db    the conversations of a person, stored
    library  uploads  file_names                      articles are listed, added and removed
    json_api  answer_format                           answers for programs and terminals
"""
