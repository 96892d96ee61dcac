"""The page's server, started in this process's place without importing the page."""

import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from recommender.errors import RecommenderError

_HOST = "127.0.0.1"
_OPTIONS = {  # as in .streamlit/config.toml, which `streamlit run app.py` reads
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "runner.postScriptGC": "false",
    "server.address": _HOST,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": "2",
    "theme.light.primaryColor": "#0f766e",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#eff4f3",
    "theme.light.textColor": "#17211f",
    "theme.light.linkColor": "#0f766e",
    "theme.light.grayTextColor": "#55625f",
    "theme.dark.primaryColor": "#2dd4bf",
    "theme.dark.backgroundColor": "#0f1716",
    "theme.dark.secondaryBackgroundColor": "#1c2726",
    "theme.dark.textColor": "#e8efed",
    "theme.dark.linkColor": "#5eead4",
    "theme.dark.grayTextColor": "#a5b3b0",
}


def start(run: str | None, port: int) -> NoReturn:
    """Serve the page on 127.0.0.1 until stopped; raises RecommenderError if the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise RecommenderError(
                f"port {port} cannot be used: {error.strerror}; choose another with --port"
            ) from error
    page = Path(__file__).with_name("page") / "__main__.py"
    options = [f"--{name}={value}" for name, value in {**_OPTIONS, "server.port": port}.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(page), *options, "--", *([run] if run else [])]
    os.execv(sys.executable, command)  # noqa: S606
