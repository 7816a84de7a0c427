from helpers import service


def test_login(customer):
    assert service().login(customer["name"])
