import sys

REDIS_URL = None


def require_redis():
    if REDIS_URL is None:
        print("redis is required")
        sys.exit(1)
