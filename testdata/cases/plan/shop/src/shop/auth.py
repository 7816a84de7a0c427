def authenticate(name):
    return bool(name)
