"""The peer: LlamaIndex over the same articles; questions come in and answers go out as JSON Lines.

Runs in an environment of its own and imports nothing of the project; `peers.py` starts it:

    python peer.py ARTICLES MODEL.gguf EMBEDDER THREADS

A line `{"engine": "default", "question": "…"}` is answered by `{"first_s", "total_s", "text"}`.
LlamaIndex's defaults but for: the model's chat template, its context of 4,096 tokens, all cores
(the library takes half of them), and no chance in what is written, so that a run can be repeated.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from typing import Any

import chromadb
from llama_index.core import Settings, SimpleDirectoryReader, StorageContext, VectorStoreIndex
from llama_index.core.query_engine import CitationQueryEngine
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.llms.llama_cpp import LlamaCPP
from llama_index.vector_stores.chroma import ChromaVectorStore

CONTEXT = 4096
SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."  # of its template
TURN = "<|im_start|>{}\n{}<|im_end|>\n"


def messages_to_prompt(messages: Sequence[Any]) -> str:
    """A conversation in ChatML."""
    turns = [(str(message.role.value), message.content or "") for message in messages]
    if turns[0][0] != "system":
        turns.insert(0, ("system", SYSTEM))
    return "".join(TURN.format(*turn) for turn in turns) + "<|im_start|>assistant\n"


def completion_to_prompt(completion: str) -> str:
    """A single prompt in ChatML."""
    turns = TURN.format("system", SYSTEM) + TURN.format("user", completion)
    return turns + "<|im_start|>assistant\n"


def engines(articles: str, model: str, embedder: str, threads: int, folder: str) -> dict[str, Any]:
    """Both ways of asking, over one index."""
    Settings.llm = LlamaCPP(
        model_path=model,
        temperature=0.0,
        context_window=CONTEXT,
        model_kwargs={"n_threads": threads, "n_threads_batch": threads},
        messages_to_prompt=messages_to_prompt,
        completion_to_prompt=completion_to_prompt,
        verbose=False,
    )
    Settings.embed_model = HuggingFaceEmbedding(
        model_name=embedder,
        device="cpu",
        query_instruction="query: ",
        text_instruction="passage: ",
    )
    collection = chromadb.PersistentClient(folder).get_or_create_collection("articles")
    stored = StorageContext.from_defaults(
        vector_store=ChromaVectorStore(chroma_collection=collection)
    )
    documents = SimpleDirectoryReader(articles).load_data()
    index = VectorStoreIndex.from_documents(documents, storage_context=stored)
    return {
        "default": index.as_query_engine(streaming=True),
        "citation": CitationQueryEngine.from_args(index, streaming=True),
    }


def answered(engine: Any, question: str) -> dict[str, Any]:
    """Ask, and say when the first word came."""
    begun, first, text = time.perf_counter(), 0.0, ""
    for piece in pieces(engine.query(question)):
        text += piece
        if not first and text.strip():
            first = time.perf_counter() - begun
    total = time.perf_counter() - begun
    return {"first_s": first or total, "total_s": total, "text": text.strip()}


def pieces(response: Any) -> Iterator[str]:
    """What is said, as it comes."""
    stream = getattr(response, "response_gen", None)
    if stream is None:
        yield str(response)
    else:
        yield from stream


def main() -> None:
    """Index, say so, then answer until the input ends."""
    articles, model, embedder, threads = sys.argv[1:]
    out, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not come in between
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        ways = engines(articles, model, embedder, int(threads), folder)
        ready = {"ready_s": time.perf_counter() - begun, "engines": list(ways)}
        out.write(json.dumps(ready) + "\n")
        out.flush()
        for line in sys.stdin:
            wanted = json.loads(line)
            said = answered(ways[wanted["engine"]], wanted["question"])
            out.write(json.dumps(said, ensure_ascii=False) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
