from shop.api.auth import AuthService, authenticate_user


def test_login():
    assert AuthService and authenticate_user
