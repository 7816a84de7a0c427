def authenticate_user(name, password):
    return bool(name and password)


def generate_token(name):
    return f"token-{name}"
