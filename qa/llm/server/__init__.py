"""LLM server: a language model behind any OpenAI-compatible address: llama.cpp's, vLLM, Ollama.

    opening.py -> facts.py (what the server is and can do) -> model.py -> draft.py, asked.py
                  connection.py (one request: retries, limits, cancelling) <- all of them

Imports `llm`. The requests go through httpx2, which the downloads use already: it brings TLS,
proxies and streams, and its import takes .06 s, that of the package `openai` .65 s.
"""
