from shop.security.service import TokenStore


def test_store():
    assert TokenStore()
