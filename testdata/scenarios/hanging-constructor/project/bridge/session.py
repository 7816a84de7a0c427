from bridge.client import BridgeClient


class Session:
    client = BridgeClient()

    def send(self, text):
        return self.client.connection.send(text)
