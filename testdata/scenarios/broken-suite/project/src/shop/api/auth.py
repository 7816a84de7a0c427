def authenticate_user(name, password):
    return (name, password)


def generate_jwt_token(user):
    return "token-" + user
