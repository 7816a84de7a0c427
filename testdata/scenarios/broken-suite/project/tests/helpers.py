from shop.api.auth import AuthService


def service():
    return AuthService()
