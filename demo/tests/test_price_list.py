from shop.pricing import with_tax


def test_list():
    assert [with_tax(price) for price in (1, 2)]
