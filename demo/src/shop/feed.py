import socket
import time


class PriceFeed:
    """Prices as they change, from a server that must be up."""

    def __init__(self, host="localhost", port=3000):
        self.address = (host, port)
        self.connection = self.connect()

    def connect(self):
        while True:
            try:
                return socket.create_connection(self.address)
            except OSError:
                time.sleep(1)
