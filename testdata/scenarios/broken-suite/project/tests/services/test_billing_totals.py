import shop.services.billing as billing


def test_totals():
    assert billing
