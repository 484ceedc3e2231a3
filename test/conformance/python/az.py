"""Azure's command line, kept running: a list of arguments per line of input, an answer per line of output.

Starting it takes a second each time, which is all that a story of twenty commands would be waiting for.
"""

import importlib.util
import io
import json
import sys

# Debian's package has a circular import, which this order goes around.
import requests  # noqa: F401

if importlib.util.find_spec("msrest"):
    import msrest  # noqa: F401

from azure.cli.core import get_default_cli


def main() -> None:
    for line in sys.stdin:
        said = io.StringIO()
        try:
            code = get_default_cli().invoke(json.loads(line), out_file=said)
        except SystemExit as end:
            code = end.code
        print(json.dumps({"code": code, "said": said.getvalue()}), flush=True)


main()
