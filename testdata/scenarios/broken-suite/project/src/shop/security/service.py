class AuthService:
    def login(self, name):
        return name


class TokenStore:
    pass
