from shop.auth import AuthService


def service():
    return AuthService()
