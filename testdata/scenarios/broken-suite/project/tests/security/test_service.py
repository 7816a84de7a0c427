from shop.security.service import AuthService, TokenStores


def test_service():
    assert AuthService and TokenStores
