"""How the course's JupyterLab is set: quiet, on loopback, readable in a narrow window, answers folded.

    write(folder / "config", port=8888, root=PROJECT)     # the folder that JUPYTER_CONFIG_DIR names

What a learner sets by hand in JupyterLab wins over the settings of its interface.
"""

import json
import os
from pathlib import Path
from typing import Any

_DISABLED = {
    "@jupyterlab/extensionmanager-extension": True,
    "@jupyterlab/apputils-extension:announcements": True,
}
_INTERFACE_SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # A task's docstring is its specification, and must not end at the edge of a narrow window.
    "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineNumbers": False, "lineWrap": True}},
}
_STYLE = """\
/* A folded output is shown by its first line, and here that line may be the answer to a prediction. */
.jp-OutputPlaceholder .jp-PlaceholderText { display: none; }
"""


def write(config: Path, port: int, root: Path) -> None:
    """Write the settings of a server that is to listen on `port` and serve what is below `root`."""
    for part in ("labconfig", "custom"):
        (config / part).mkdir(parents=True, exist_ok=True)
    _write(config / "jupyter_lab_config.json", _server_settings(port, root))
    _write(config / "labconfig" / "default_setting_overrides.json", _INTERFACE_SETTINGS)
    _write(config / "labconfig" / "page_config.json", {"disabledExtensions": _DISABLED})
    (config / "custom" / "custom.css").write_text(_STYLE, encoding="utf-8")


def _server_settings(port: int, root: Path) -> dict[str, Any]:
    return {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 50,
            "open_browser": False,
            "root_dir": str(root),
            # In a container one often is root, and the server is on loopback behind a token.
            "allow_root": True,
            # Not a login shell: those rebuild PATH and lose the course's commands.
            "terminado_settings": {"shell_command": [os.environ.get("SHELL", "sh")]}
            if os.name != "nt"
            else {},
        },
        "LabApp": {
            "custom_css": True,
            "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
            "extension_manager": "readonly",
            "news_url": None,
        },
        "LanguageServerManager": {"autodetect": False},
    }


def _write(path: Path, settings: dict[str, Any]) -> None:
    path.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
