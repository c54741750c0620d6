"""Health check of the lab's container: JupyterLab answers with its version.

python lab_health.py http://127.0.0.1:8888        # exit code 0 when it does
"""

import json
import sys
import urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f"{sys.argv[1]}/api", timeout=5) as answer:
    sys.exit(0 if json.load(answer)["version"] else 1)
