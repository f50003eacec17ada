"""Library worker: `llama_cpp.Llama` as it is, timed apart: its defaults may end the process.

They repack the weights, for which a system may announce instructions that its processor lacks.
"""

import json
import sys
import time

import llama_cpp

from index.child_process import READY, connected


def main() -> None:
    """Load the model that is named, and say how many seconds it takes to read what is sent."""
    connection = connected()
    connection.send_bytes(READY)
    path, context = sys.argv[1:]
    library: llama_cpp.Llama | None = None
    while True:
        tokens = json.loads(connection.recv_bytes())
        library = library or llama_cpp.Llama(path, n_ctx=int(context), verbose=False)
        library.reset()  # type: ignore[no-untyped-call]  # the library has no types
        begun = time.perf_counter()
        library.eval(tokens)
        connection.send_bytes(json.dumps(time.perf_counter() - begun).encode())


if __name__ == "__main__":
    main()
