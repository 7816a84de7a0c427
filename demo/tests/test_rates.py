from shop import rates


def test_exchange_rate():
    assert rates.exchange_rate
