import os

import minipg


def connect():
    return minipg.connect(host=os.environ.get("WAREHOUSE_DB", "127.0.0.1"))
