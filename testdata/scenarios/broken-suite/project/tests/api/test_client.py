from shop.api.client import Client


def test_client():
    assert Client
