import time

import websocket


class BridgeClient:
    def __init__(self, url="ws://localhost:3000"):
        self.url = url
        self.connection = None
        self.connect()

    def connect(self):
        while True:
            try:
                self.connection = websocket.create_connection(self.url)
            except OSError:
                time.sleep(0.5)
            else:
                return
