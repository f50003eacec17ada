import os
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

OPEN = """
import sys
from pathlib import Path
from index.storage.vectors.chroma import open_client
client = open_client(Path("index"))
print(client.get_settings().chroma_server_http_port, "planted" in sys.modules)
"""


def test_the_settings_of_another_folder_are_not_chromas(tmp_path: Path) -> None:
    """`.env` of the folder where a command is typed may be anybody's."""
    (tmp_path / "planted.py").write_text("print('ran')")
    (tmp_path / ".env").write_text(
        "CHROMA_SERVER_HTTP_PORT=abc\nCHROMA_PRODUCT_TELEMETRY_IMPL=planted.Telemetry\n"
    )
    command = [sys.executable, "-c", OPEN]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "None False\n"), done.stderr
