"""The progress of a download: a line at each tenth on a pipe."""

import io

from qa.progress import download


def test_download_is_told_at_each_tenth_once() -> None:
    pipe = io.StringIO()
    progress = download("tiny", pipe)
    for done in (0, 5, 9, 10, 35, 30, 100, 100):
        progress(done, 100)
    progress.close()

    assert pipe.getvalue().split("\n") == [
        "tiny: 0 % of 100 bytes",
        "tiny: 10 % of 100 bytes",
        "tiny: 30 % of 100 bytes",
        "tiny: 100 % of 100 bytes",
        "",
    ]
