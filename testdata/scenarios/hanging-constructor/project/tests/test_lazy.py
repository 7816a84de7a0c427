from bridge.client import BridgeClient


def test_client():
    assert BridgeClient().connection
