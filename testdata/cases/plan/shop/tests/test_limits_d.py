from shop.limits import allowed


def test_limit():
    assert allowed()
