import miniredis

client = miniredis.Redis()


def is_up():
    return client.ping()
