from shop.auth import AuthService, authenticate_user


def test_login(customer):
    assert AuthService().login(customer["name"])
    assert authenticate_user("ann", "secret")
