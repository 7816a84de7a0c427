from shop.limits import require_redis

require_redis()


def test_limit():
    pass
