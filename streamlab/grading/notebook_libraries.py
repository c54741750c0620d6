"""The libraries that run notebooks, imported in a third of the time.

    from streamlab.grading.notebook_libraries import NotebookClient, nbformat

nbformat imports jsonschema, which imports, if it is there, a grammar of internationalised addresses that
takes longer to build than a kernel takes to start. No notebook is checked for such addresses, so it is hidden
while nbformat is imported, unless somebody uses it already.
"""

import sys

_UNUSED = "rfc3987_syntax"

_hidden = _UNUSED not in sys.modules
if _hidden:
    sys.modules[_UNUSED] = None  # type: ignore[assignment]  # Python's way to say: not here
try:
    import nbformat
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
finally:
    if _hidden:
        del sys.modules[_UNUSED]

__all__ = [
    "AsyncKernelManager",
    "CellTimeoutError",
    "DeadKernelError",
    "KernelSpec",
    "NotebookClient",
    "nbformat",
]
