from shop.limits import require_redis

redis = require_redis()


def test_limit():
    assert redis
