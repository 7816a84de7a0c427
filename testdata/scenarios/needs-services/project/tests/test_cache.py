from warehouse import cache


def test_up():
    assert cache.is_up()
