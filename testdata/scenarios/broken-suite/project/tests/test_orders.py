from shop import Order


def test_total(user):
    assert Order(1).total == 0


class TestOrder:
    def test_number(self):
        assert Order(7).number == 7
