from bridge.client import BridgeClient

client = BridgeClient("ws://localhost:3000")


def test_url():
    assert client.url
