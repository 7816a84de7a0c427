from shop.cache import get


def test_get():
    assert get("x") is None
