try:
    import redis
except ImportError:
    redis = None


def get(key):
    return None if redis is None else redis.Redis().get(key)
