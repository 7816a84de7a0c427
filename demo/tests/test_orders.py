from shop.orders import Order


def test_bill():
    assert Order(1, 20).bill() == {"number": 1, "total": 20}
