from shop.cache import POOL


def test_pool():
    assert POOL
